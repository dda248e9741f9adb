using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Tern.Encoding;

namespace Tern.Tests.Encoding;

/// <summary>onnxruntime, run by node in tests/judge. Installed there with <c>npm ci</c>.</summary>
internal static class Judge
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(SourceFolder(), "../../judge"));

    /// <summary>Why the judge cannot be asked, or null.</summary>
    public static string? Absent => Directory.Exists(Path.Combine(Folder, "node_modules", "onnxruntime-node"))
        ? null : "onnxruntime is not installed: run npm ci in tests/judge";

    /// <summary>What onnxruntime computes, by output name.</summary>
    public static Dictionary<string, OnnxTensor> Run(string model, IReadOnlyDictionary<string, OnnxTensor> inputs)
    {
        string work = Directory.CreateTempSubdirectory("tern-judge-").FullName;
        try
        {
            string list = Path.Combine(work, "inputs.json");
            Entry[] entries = [.. inputs.Select((input, i) =>
                new Entry(input.Key, Name(input.Value.ElementType), input.Value.Shape.ToArray(), $"{i}.bin"))];
            foreach (Entry entry in entries)
                File.WriteAllBytes(Path.Combine(work, entry.File), inputs[entry.Name].Bytes.ToArray());
            File.WriteAllText(list, JsonSerializer.Serialize(entries, JsonSerializerOptions.Web));
            RunNode("judge.mjs", model, list, work);
            Entry[] outputs =
                JsonSerializer.Deserialize<Entry[]>(File.ReadAllText(Path.Combine(work, "outputs.json")), JsonSerializerOptions.Web)!;
            return outputs.ToDictionary(output => output.Name, output => Read(output, work));
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private sealed record Entry(string Name, string Type, int[] Dims, string File);

    private static void RunNode(params string[] arguments)
    {
        var start = new ProcessStartInfo("node", arguments) { WorkingDirectory = Folder, RedirectStandardError = true };
        using Process node = Process.Start(start)!;
        string errors = node.StandardError.ReadToEnd();
        node.WaitForExit();
        Assert.True(node.ExitCode == 0, errors);
    }

    private static OnnxTensor Read(Entry entry, string work)
    {
        OnnxElementType type = Enum.GetValues<OnnxElementType>().Single(type => Name(type) == entry.Type);
        OnnxTensor tensor = OnnxTensor.Allocate(type, entry.Dims);
        byte[] bytes = File.ReadAllBytes(Path.Combine(work, entry.File));
        Assert.Equal(tensor.Bytes.Length, bytes.Length);
        bytes.CopyTo(tensor.Bytes);
        return tensor;
    }

    private static string Name(OnnxElementType type) => type == OnnxElementType.Float ? "float32" : type.ToString().ToLowerInvariant();

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
