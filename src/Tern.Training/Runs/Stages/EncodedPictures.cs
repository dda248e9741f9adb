using System.Text.Json;
using Tern.Codes;
using Tern.Evaluation;

namespace Tern.Training.Runs.Stages;

/// <summary>What <see cref="EncodeStage"/> left: codes with their labels and the model that made them.</summary>
internal static class EncodedPictures
{
    /// <summary>Whether a protocol of the recipe looks at test pictures; otherwise they are not encoded.</summary>
    public static bool WithTest(RunContext context) => context.Recipe.Evaluate!.Chosen.Any(protocol => protocol.UsesTest);

    /// <summary>Codes of the training pictures, then, where they were encoded, of the test pictures.</summary>
    public static LabelledCodes Read(RunContext context, NetworkRole role) => WithTest(context)
        ? Codes(context, role, [role.GalleryCodesFile, role.QueryCodesFile], context.Data.Train.Labels.Then(context.Data.Test.Labels))
        : ReadTrain(context, role);

    /// <summary>Codes of the training pictures: what the index holds.</summary>
    public static LabelledCodes ReadTrain(RunContext context, NetworkRole role) => Codes(context, role, [role.GalleryCodesFile], context.Data.Train.Labels);

    private static LabelledCodes Codes(RunContext context, NetworkRole role, string[] files, Labels labels)
    {
        byte[] codes = [.. files.SelectMany(file => File.ReadAllBytes(context.Folder[file]))];
        EncodeTiming timing = JsonSerializer.Deserialize(File.ReadAllText(context.Folder[role.TimingFile]), TimingJson.Default.EncodeTiming)!;
        return new LabelledCodes(PackedCodes.FromBytes(codes, context.Recipe.Bits), labels) { Model = timing.Model };
    }
}
