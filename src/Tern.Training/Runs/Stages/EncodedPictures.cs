using Tern.Codes;
using Tern.Evaluation;

namespace Tern.Training.Runs.Stages;

/// <summary>What <see cref="EncodeStage"/> left: codes with their labels.</summary>
internal static class EncodedPictures
{
    /// <summary>Whether a protocol of the recipe looks at test pictures; otherwise they are not encoded.</summary>
    public static bool WithTest(RunContext context) => context.Recipe.Evaluate!.Chosen.Any(protocol => protocol.UsesTest);

    /// <summary>Codes of the training pictures, then, where they were encoded, of the test pictures.</summary>
    public static LabelledCodes Read(RunContext context, NetworkRole role)
    {
        if (!WithTest(context)) return new LabelledCodes(ReadTrain(context, role), context.Data.Train.Labels);
        byte[] train = File.ReadAllBytes(context.Folder[role.GalleryCodesFile]), test = File.ReadAllBytes(context.Folder[role.QueryCodesFile]);
        return new LabelledCodes(PackedCodes.FromBytes([.. train, .. test], context.Recipe.Bits), context.Data.Train.Labels.Then(context.Data.Test.Labels));
    }

    /// <summary>Codes of the training pictures: what the index holds.</summary>
    public static PackedCodes ReadTrain(RunContext context, NetworkRole role) => PackedCodes.FromBytes(File.ReadAllBytes(context.Folder[role.GalleryCodesFile]), context.Recipe.Bits);
}
