using Tern.Evaluation;

namespace Tern.Training.Runs.Stages;

/// <summary>Judges a model: every test picture asks, the training pictures answer.</summary>
public sealed class EvaluateStage(RunContext context, NetworkRole role) : Stage(context)
{
    public override string Name => $"evaluate {role.Name}";

    public override string Inputs => string.Join('\n', Context.Folder.Hash(role.GalleryCodesFile), Context.Folder.Hash(role.QueryCodesFile), Context.Data.Split, Context.Folder.Hash(role.ModelFile));

    public override IReadOnlyList<string> Outputs => [role.EvaluationFile];

    public override void Run()
    {
        RetrievalScores scores = Evaluate(Context, role);
        var protocol = new Protocol(ProtocolName(Context), Context.Data.Split, Context.Recipe.Seed, EncodedSets.Model(Context, role) ?? Context.Folder.Hash(role.ModelFile));
        AtomicFile.WriteText(Context.Folder[role.EvaluationFile], string.Concat(scores.Measurements(protocol).Select(row => row.ToJson() + "\n")));
    }

    /// <summary>Full ranking, expected value over ties.</summary>
    internal static RetrievalScores Evaluate(RunContext context, NetworkRole role)
    {
        EncodedSets sets = EncodedSets.Read(context, role);
        return Retrieval.Evaluate(sets.Queries, sets.Gallery, new RetrievalOptions { Threads = context.Recipe.Threads }, context.Cancellation);
    }

    /// <summary>data set / who asks and who answers / cut-off.</summary>
    internal static string ProtocolName(RunContext context) =>
        $"{Path.GetFileName(context.Recipe.Data.Path.TrimEnd('/'))}/query{context.Data.Test.Count}-db{context.Data.Train.Count}/full";
}
