namespace Tern.Training.Tests.Runs;

/// <summary>A whole chain in a second or two: 90 made pictures of 16x16 in three classes, 12 bits.</summary>
internal static class TinyRecipe
{
    /// <summary>Writes the recipe and its data into a folder; returns the recipe's path.</summary>
    public static string Write(string folder)
    {
        string data = Path.Combine(folder, "data"), path = Path.Combine(folder, "recipe.json");
        if (!Directory.Exists(data)) MadeData.Idx(data, classes: 3, train: 90, test: 30, side: 16);
        File.WriteAllText(path, $$"""
            {
              "name": "tiny", "bits": 12, "threads": 1,
              "data": { "path": "data", "height": 16, "width": 16, "channels": 1, "mean": [0.5], "deviation": [0.5], "validation": 18 },
              "teacher": {
                "model": { "type": "cifarResNet", "depth": 8, "width": 4 },
                "objective": [{ "type": "crossEntropy" }],
                "training": {{Training("sgd", 0.05)}}
              },
              "student": {
                "model": { "type": "dsh" },
                "objective": [{ "type": "crossEntropy" }, { "type": "codeDistillation" }],
                "training": {{Training("sgd", 0.05)}}
              },
              "quantize": { "training": {{Training("adam", 0.001)}} }
            }
            """);
        return path;
    }

    private static string Training(string optimizer, double rate) => FormattableString.Invariant(
        $$"""{ "epochs": 4, "batchSize": 12, "precision": "float32", "optimizer": { "type": "{{optimizer}}", "learningRate": {{rate}} }, "augment": [{ "type": "flip" }] }""");
}
