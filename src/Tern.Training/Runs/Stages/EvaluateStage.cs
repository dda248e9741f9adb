using Tern.Evaluation;
using Tern.Training.Protocols;

namespace Tern.Training.Runs.Stages;

/// <summary>Judges a model by every protocol of the recipe: full ranking, expected value over ties.</summary>
public sealed class EvaluateStage(RunContext context, NetworkRole role) : Stage(context)
{
    public override string Name => $"evaluate {role.Name}";

    public override string Inputs => string.Join('\n',
        [RetrievalProtocol.DataName(Context.Recipe.Data.Path), Context.Data.Split, Context.Recipe.Seed, Context.Recipe.Data.HeldBack, string.Join(',', Context.Recipe.Evaluate!.RecallAt!), .. Context.Recipe.Evaluate!.Protocols!,
            .. new[] { role.GalleryCodesFile, role.ModelFile }.Concat(EncodedPictures.WithTest(Context) ? [role.QueryCodesFile] : []).Select(Context.Folder.Hash)]);

    protected override int Version => 2;                                                  // mAP@R, R-precision, and what was ranked

    public override IReadOnlyList<string> Outputs => [role.EvaluationFile, role.CurveFile];

    public override void Run()
    {
        LabelledCodes codes = EncodedPictures.Read(Context, role);
        var measured = new Protocol("", Context.Data.Split, Context.Recipe.Seed, codes.Model!);
        var options = new RetrievalOptions { TopK = Context.Recipe.Evaluate!.RecallAt!, Threads = Context.Recipe.Threads };
        ProtocolScores[] found = [.. Context.Recipe.Evaluate!.Chosen.Select(protocol =>
            protocol.Evaluate(codes, Context.Data.Pictures, Context.Recipe.Data.Path, measured, options, Context.Cancellation))];
        AtomicFile.WriteText(Context.Folder[role.EvaluationFile], string.Concat(found.SelectMany(scores => scores.Measurements).Select(row => row.ToJson() + "\n")));
        AtomicFile.WriteText(Context.Folder[role.CurveFile], PrecisionRecallCurve.Of(found[0]).ToJson());
    }
}
