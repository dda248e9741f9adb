using Tern.Evaluation;
using Tern.Training.Protocols;

namespace Tern.Training.Runs.Stages;

/// <summary>Judges a model by every protocol of the recipe: retrieval by full ranking, expected value over ties; pairs by their distances.</summary>
public sealed class EvaluateStage(RunContext context, NetworkRole role) : Stage(context)
{
    public override string Name => $"evaluate {role.Name}";

    public override string Inputs => string.Join('\n',
        [RetrievalProtocol.DataName(Context.Recipe.Data.Path), Context.Data.Split, Context.Recipe.Seed, Context.Recipe.Data.Validation, .. Context.Recipe.Evaluate!.Protocols!,
            .. new[] { role.GalleryCodesFile, role.ModelFile }.Concat(EncodedPictures.WithTest(Context) ? [role.QueryCodesFile] : []).Select(Context.Folder.Hash)])
        + (EncodedPairs.Any(Context) ? $"\n{EncodedPairs.Inputs(Context)}\n{Context.Folder.Hash(role.DistancesFile)}" : "");

    public override IReadOnlyList<string> Outputs =>
    [
        role.EvaluationFile, .. Context.Recipe.Evaluate!.Chosen.Count > 0 ? [role.CurveFile] : Array.Empty<string>(),
        .. EncodedPairs.Any(Context) ? [role.RocFile] : Array.Empty<string>(),
    ];

    public override void Run()
    {
        LabelledCodes codes = EncodedPictures.Read(Context, role);
        var measured = new Protocol("", Context.Data.Split, Context.Recipe.Seed, codes.Model!);
        var options = new RetrievalOptions { Threads = Context.Recipe.Threads };
        ProtocolScores[] found = [.. Context.Recipe.Evaluate!.Chosen.Select(protocol =>
            protocol.Evaluate(codes, Context.Data.Pictures, Context.Recipe.Data.Path, measured, options, Context.Cancellation))];
        VerificationResult[] told = [.. EncodedPairs.Judge(Context, role, measured)];
        IEnumerable<Measurement> rows = [.. found.SelectMany(scores => scores.Measurements), .. told.SelectMany(result => result.Measurements)];
        AtomicFile.WriteText(Context.Folder[role.EvaluationFile], string.Concat(rows.Select(row => row.ToJson() + "\n")));
        if (found.Length > 0) AtomicFile.WriteText(Context.Folder[role.CurveFile], PrecisionRecallCurve.Of(found[0]).ToJson());
        if (told.Length > 0) AtomicFile.WriteText(Context.Folder[role.RocFile], RocFile.ToJson([.. told.Take(2)]));
    }
}
