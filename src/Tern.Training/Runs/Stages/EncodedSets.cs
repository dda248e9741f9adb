using System.Text.Json;
using Tern.Codes;
using Tern.Evaluation;

namespace Tern.Training.Runs.Stages;

/// <summary>What <see cref="EncodeStage"/> left: the codes of gallery and queries with their labels.</summary>
internal sealed record EncodedSets(LabelledCodes Queries, LabelledCodes Gallery)
{
    public static EncodedSets Read(RunContext context, NetworkRole role)
    {
        string? model = Model(context, role);
        LabelledCodes Codes(string file, int[] labels) =>
            new(PackedCodes.FromBytes(File.ReadAllBytes(context.Folder[file]), context.Recipe.Bits), Labels.Single(labels)) { Model = model };
        return new EncodedSets(Codes(role.QueryCodesFile, context.Data.Test.Labels), Codes(role.GalleryCodesFile, context.Data.Train.Labels));
    }

    /// <summary>Identity of the model that made them.</summary>
    public static string? Model(RunContext context, NetworkRole role) =>
        JsonSerializer.Deserialize(File.ReadAllText(context.Folder[role.TimingFile]), TimingJson.Default.EncodeTiming)!.Model;
}
