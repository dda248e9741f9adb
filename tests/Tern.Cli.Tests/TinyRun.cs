using Tern.Training.Tests;

namespace Tern.Cli.Tests;

/// <summary>A recipe on 60 made pictures of 3 classes, run once by the tern command: 12 bits, one epoch for each network.</summary>
public sealed class TinyRun : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();

    internal string this[params ReadOnlySpan<string> parts] => folder[parts];

    internal string Data => folder["pictures"];

    internal string Recipe => folder["tiny.json"];

    internal string Run => folder["run"];

    internal string Model => folder["run", "ternary", "model.onnx"];

    internal string Index => folder["run", "index"];

    /// <summary>A test picture: not in the index.</summary>
    internal string Query => folder["pictures", "test", "class1", "0037.png"];

    internal Outcome First { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        MadeData.Folder(Data, classes: 3, train: 36, test: 12);
        await File.WriteAllTextAsync(Recipe, Text);
        First = await CommandLine.Tern("run", Recipe, "--out", Run);
    }

    /// <summary>For who changes an index.</summary>
    internal void CopyIndex(string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(Index)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    public Task DisposeAsync()
    {
        folder.Dispose();
        return Task.CompletedTask;
    }

    private const string Text = """
        {
          "name": "tiny", "bits": 12, "threads": 2,
          "data": {
            "path": "pictures", "height": 16, "width": 16, "channels": 3,
            "mean": [0.5, 0.5, 0.5], "deviation": [0.25, 0.25, 0.25], "validation": 6
          },
          "teacher": {
            "model": { "type": "cifarResNet", "depth": 8, "width": 4 },
            "objective": [{ "type": "crossEntropy" }],
            "training": { "epochs": 1, "batchSize": 10, "optimizer": { "type": "sgd", "learningRate": 0.05 }, "augment": [{ "type": "flip" }] }
          },
          "student": {
            "model": { "type": "dsh" },
            "objective": [{ "type": "crossEntropy" }, { "type": "codeDistillation", "weight": 4 }],
            "training": { "epochs": 1, "batchSize": 10, "optimizer": { "type": "adam", "learningRate": 1e-3 } },
            "withoutDistillation": false
          },
          "quantize": { "training": { "epochs": 1, "batchSize": 10, "optimizer": { "type": "adam", "learningRate": 5e-4 } } },
          "evaluate": { "examples": 2, "neighbours": 3 }
        }
        """;
}

[CollectionDefinition(nameof(TinyRun))]
public sealed class TinyRunCollection : ICollectionFixture<TinyRun>;
