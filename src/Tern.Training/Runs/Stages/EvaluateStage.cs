using Tern.Evaluation;
using Tern.Training.Models;
using Tern.Training.Protocols;

namespace Tern.Training.Runs.Stages;

/// <summary>Judges a model by every protocol of the recipe: retrieval by full ranking, expected value over ties; pairs by their distances.</summary>
public sealed class EvaluateStage(RunContext context, NetworkRole role) : Stage(context)
{
    public override string Name => $"evaluate {role.Name}";

    public override string Inputs => string.Join('\n',
        [
            RetrievalProtocol.DataName(Context.Recipe.Data.Path),
            Context.Data.Split,
            Context.Recipe.Seed,
            Context.Recipe.Data.HeldBack,
            string.Join(',', Context.Recipe.Evaluate!.RecallAt!),
            Context.Recipe.Evaluate.Rerank,
            .. Context.Recipe.Evaluate.Protocols!,
            .. EncodedPictures.Files(Context, role).Append(role.ModelFile).Select(Context.Folder.Hash),
        ])
        + (role is { SearchBy: SearchBy.Embedding, HasCodes: true } ? "\ncodes" : "")
        + (EncodedPairs.Any(Context) ? $"\n{EncodedPairs.Inputs(Context)}\n{Context.Folder.Hash(role.DistancesFile)}{(role.HasCodes ? "" : "\nno codes")}" : "");

    protected override int Version => 2;                                                  // mAP@R, R-precision, and what was ranked

    public override IReadOnlyList<string> Outputs =>
    [
        role.EvaluationFile, .. HasCurve(Context, role) ? [role.CurveFile] : Array.Empty<string>(), .. EncodedPairs.Any(Context) ? [role.RocFile] : Array.Empty<string>(),
    ];

    /// <summary>Whether a curve of precision and recall within a Hamming radius can be drawn: codes are ranked, and by a protocol of retrieval.</summary>
    internal static bool HasCurve(RunContext context, NetworkRole role) => role.SearchBy == SearchBy.Code && context.Recipe.Evaluate!.Chosen.Count > 0;

    public override void Run()
    {
        LabelledCodes codes = EncodedPictures.Read(Context, role);
        LabelledEmbeddings? embeddings = EncodedPictures.WithEmbeddings(Context, role) ? EncodedPictures.ReadEmbeddings(Context, role) : null;
        var ranked = new List<IRanked>();
        if (role.SearchBy == SearchBy.Embedding) ranked.Add(new RankedEmbeddings(embeddings!));                       // what pictures are found by comes first
        if (role.HasCodes) ranked.Add(new RankedCodes(codes));
        if (role.HasCodes && Context.Recipe.Evaluate!.Rerank is { } depth) ranked.Add(new RerankedCodes(codes, embeddings!, depth));
        ProtocolScores[] found = [.. ranked.SelectMany(pictures => Context.Recipe.Evaluate!.Chosen.Select(protocol => Judge(protocol, pictures)))];
        VerificationResult[] told = [.. EncodedPairs.Judge(Context, role, new Protocol("", Context.Data.Split, Context.Recipe.Seed, codes.Model!))];
        IEnumerable<Measurement> rows = [.. found.SelectMany(scores => scores.Measurements), .. told.SelectMany(result => result.Measurements)];
        AtomicFile.WriteText(Context.Folder[role.EvaluationFile], string.Concat(rows.Select(row => row.ToJson() + "\n")));
        if (HasCurve(Context, role)) AtomicFile.WriteText(Context.Folder[role.CurveFile], PrecisionRecallCurve.Of(found[0]).ToJson());
        if (told.Length > 0) AtomicFile.WriteText(Context.Folder[role.RocFile], RocFile.ToJson([.. told.Take(role.HasCodes ? 2 : 1)]));
    }

    private ProtocolScores Judge(RetrievalProtocol protocol, IRanked pictures) => protocol.Evaluate(
        pictures, Context.Data.Pictures, Context.Recipe.Data.Path, new Protocol("", Context.Data.Split, Context.Recipe.Seed, pictures.Model),
        new RetrievalOptions { TopK = Context.Recipe.Evaluate!.RecallAt!, Threads = Context.Recipe.Cores }, Context.Cancellation);
}
