using System.Runtime.InteropServices;
using System.Text.Json;
using Tern.Codes;
using Tern.Evaluation;
using Tern.Training.Models;

namespace Tern.Training.Runs.Stages;

/// <summary>What <see cref="EncodeStage"/> left: codes and embeddings with their labels and the model that made them.</summary>
internal static class EncodedPictures
{
    /// <summary>Whether a protocol of the recipe looks at test pictures; otherwise they are not encoded.</summary>
    public static bool WithTest(RunContext context) => context.Recipe.Evaluate!.Chosen.Any(protocol => protocol.UsesTest);

    /// <summary>Whether anything is ranked by this network's embeddings; otherwise they are not kept.</summary>
    public static bool WithEmbeddings(RunContext context, NetworkRole role) => role.SearchBy == SearchBy.Embedding || context.Recipe.Evaluate!.Rerank is not null;

    /// <summary>Every file that holds pictures of this network.</summary>
    public static IEnumerable<string> Files(RunContext context, NetworkRole role) =>
        WithEmbeddings(context, role) ? CodeFiles(context, role).Concat(EmbeddingFiles(context, role)) : CodeFiles(context, role);

    /// <summary>Codes of the training pictures, then, where they were encoded, of the test pictures.</summary>
    public static LabelledCodes Read(RunContext context, NetworkRole role) => Codes(context, role, CodeFiles(context, role), AllLabels(context));

    /// <summary>Codes of the training pictures: what the index holds.</summary>
    public static LabelledCodes ReadTrain(RunContext context, NetworkRole role) => Codes(context, role, [role.GalleryCodesFile], context.Data.Train.Labels);

    /// <summary>Embeddings of the same pictures in the same order as <see cref="Read"/>.</summary>
    public static LabelledEmbeddings ReadEmbeddings(RunContext context, NetworkRole role)
    {
        float[] values = ReadFloats([.. EmbeddingFiles(context, role).Select(file => context.Folder[file])]);
        Labels labels = AllLabels(context);
        return new LabelledEmbeddings(values, values.Length / labels.Count, labels) { Model = Model(context, role) };
    }

    private static string[] CodeFiles(RunContext context, NetworkRole role) => WithTest(context) ? [role.GalleryCodesFile, role.QueryCodesFile] : [role.GalleryCodesFile];

    private static string[] EmbeddingFiles(RunContext context, NetworkRole role) => WithTest(context) ? [role.GalleryEmbeddingsFile, role.QueryEmbeddingsFile] : [role.GalleryEmbeddingsFile];

    private static Labels AllLabels(RunContext context) => WithTest(context) ? context.Data.Pictures.All : context.Data.Train.Labels;

    private static LabelledCodes Codes(RunContext context, NetworkRole role, string[] files, Labels labels)
    {
        byte[] codes = [.. files.SelectMany(file => File.ReadAllBytes(context.Folder[file]))];
        return new LabelledCodes(PackedCodes.FromBytes(codes, context.Recipe.Bits), labels) { Model = Model(context, role) };
    }

    /// <summary>The files one after the other, read to where they stay: 60,000 embeddings of 1,536 numbers are 370 MB.</summary>
    private static float[] ReadFloats(string[] files)
    {
        var values = new float[files.Sum(file => new FileInfo(file).Length) / sizeof(float)];
        int read = 0;
        foreach (string file in files)
        {
            using FileStream stream = File.OpenRead(file);
            Span<float> part = values.AsSpan(read, (int)(stream.Length / sizeof(float)));
            stream.ReadExactly(MemoryMarshal.AsBytes(part));
            read += part.Length;
        }
        return values;
    }

    private static string Model(RunContext context, NetworkRole role) =>
        JsonSerializer.Deserialize(File.ReadAllText(context.Folder[role.TimingFile]), TimingJson.Default.EncodeTiming)!.Model;
}
