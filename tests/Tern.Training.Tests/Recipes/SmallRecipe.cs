namespace Tern.Training.Tests.Recipes;

/// <summary>A whole recipe as text, a key a line where it matters: tests change it and say which line must be told.</summary>
internal static class SmallRecipe
{
    public const string Text = """
        {
          "name": "small",
          "bits": 12,
          "data": {
            "path": "pictures",
            "height": 16, "width": 16, "channels": 1,
            "mean": [0.5],
            "deviation": [0.25],
            "validation": 6
          },
          "teacher": {
            "model": { "type": "cifarResNet", "depth": 8, "width": 4 },
            "objective": [{ "type": "crossEntropy", "labelSmoothing": 0.1 }],
            "training": {
              "epochs": 1,
              "batchSize": 12,
              "optimizer": { "type": "sgd", "learningRate": 0.05 },
              "augment": [{ "type": "flip" }]
            }
          },
          "student": {
            "model": { "type": "dsh" },
            "objective": [
              { "type": "crossEntropy" },
              { "type": "codeDistillation", "weight": 4 }
            ],
            "training": { "epochs": 1, "batchSize": 12, "optimizer": { "type": "sgd", "learningRate": 0.05 } }
          },
          "quantize": {
            "threshold": 0.05,
            "training": { "epochs": 1, "batchSize": 12, "optimizer": { "type": "adam", "learningRate": 5e-4 } }
          },
          "threads": 2
        }
        """;
}
