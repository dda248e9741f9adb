using System.Text.Json;
using Tern.Evaluation;
using Tern.Torch;
using Tern.Training.Data;
using Tern.Training.Export;
using Tern.Training.Fitting;
using Tern.Training.Models;
using Tern.Training.Protocols;
using Tern.Training.Recipes;
using Tern.Training.Reports;

namespace Tern.Training.Runs.Stages;

/// <summary>Gathers what the run measured into report.html and summary.json; the headline's numbers and the pictures are of the first protocol.</summary>
public sealed class ReportStage(RunContext context, IReadOnlyList<NetworkRole> roles) : Stage(context)
{
    public override string Name => RunFolder.Report;

    public override string Inputs => string.Join('\n', roles.SelectMany(Files).Select(Context.Folder.Hash).Append(Context.RecipeHash));

    public override IReadOnlyList<string> Outputs => ["report.html", RunFolder.SummaryFile];

    private IEnumerable<string> Files(NetworkRole role)
    {
        string[] curves = [.. EvaluateStage.HasCurve(Context, role) ? [role.CurveFile] : Array.Empty<string>(), .. EncodedPairs.Any(Context) ? [role.RocFile] : Array.Empty<string>()];
        return [role.EvaluationFile, role.TimingFile, role.MetricsFile, role.ModelFile, role.SizesFile, .. curves];
    }

    public override void Run()
    {
        RetrievalProtocol? protocol = Context.Recipe.Evaluate!.Chosen.FirstOrDefault();
        Roles pictures = protocol?.Choose(Context.Data.Pictures) ?? new Roles([], []);
        var data = new ReportData(
            Context.Recipe.Name, Context.Recipe.Bits, protocol?.Title(Context.Recipe.Data.Path, pictures) ?? TitleOfPairs(), pictures.Queries.Length, pictures.Gallery.Length,
            [.. roles.Select(role => Network(role, pictures))], RecipeFile.ToJson(Context.Recipe), Lineage());
        AtomicFile.WriteText(Context.Folder["report.html"], HtmlReport.Render(data));
        AtomicFile.WriteText(Context.Folder[RunFolder.SummaryFile], RunSummary.ToJson(data));
    }

    private string TitleOfPairs() => Context.Recipe.Evaluate!.ByPairs[0].Title(Context.Data.Pairs!, heldBack: true, Context.Recipe.Data.Path, Context.Recipe.Evaluate!.Mirror);

    private NetworkReport Network(NetworkRole role, Roles pictures)
    {
        Context.Cancellation.ThrowIfCancellationRequested();
        Measurement[] measurements = [.. File.ReadLines(Context.Folder[role.EvaluationFile]).Select(Measurement.FromJson)];
        EncodeTiming timing = JsonSerializer.Deserialize(File.ReadAllText(Context.Folder[role.TimingFile]), TimingJson.Default.EncodeTiming)!;
        EpochRecord[] epochs = [.. File.ReadLines(Context.Folder[role.MetricsFile]).Select(line => JsonSerializer.Deserialize(line, TrainingJson.Default.EpochRecord)!)];
        (long parameters, long multiplyAdds) = Cost(role);
        var report = new NetworkReport(
            role.Name, parameters, multiplyAdds, new FileInfo(Context.Folder[role.ModelFile]).Length,
            measurements.FirstOrDefault(row => row.Metric == "map")?.Value, measurements.FirstOrDefault(row => row.Metric == "recall@1")?.Value, timing.EncodeMs,
            measurements[0].Model!, measurements, epochs, [], [], [], [])
        {
            Size = ModelSize.FromJson(File.ReadAllText(Context.Folder[role.SizesFile])),
            Roc = EncodedPairs.Any(Context) ? RocFile.FromJson(File.ReadAllText(Context.Folder[role.RocFile])) : [],
        };
        var shown = new ShownPictures(Context, pictures);
        return role.SearchBy == SearchBy.Code ? ByCode(report, role, shown) : ByEmbedding(report, role, shown);
    }

    private NetworkReport ByCode(NetworkReport report, NetworkRole role, ShownPictures shown)
    {
        (IReadOnlyList<BitHealth> bits, float[] correlation) = CodeHealth.Of(EncodedPictures.ReadTrain(Context, role).Codes);
        return report with { Bits = bits, Correlation = correlation, Curve = Curve(role), Queries = [.. shown.Rows(EncodedPictures.Read(Context, role))] };
    }

    private IReadOnlyList<RadiusScore> Curve(NetworkRole role) =>
        EvaluateStage.HasCurve(Context, role) ? PrecisionRecallCurve.FromJson(File.ReadAllText(Context.Folder[role.CurveFile])).Points : [];

    private NetworkReport ByEmbedding(NetworkReport report, NetworkRole role, ShownPictures shown)
    {
        LabelledEmbeddings embeddings = EncodedPictures.ReadEmbeddings(Context, role);
        return report with
        {
            Dimensions = embeddings.Dimensions, Queries = [.. shown.Rows(embeddings, 0, embeddings.Dimensions)],
            Map = Context.Recipe.Evaluate!.Chosen.Count > 0 ? shown.Map(embeddings) : null,
            Described = role.Model is CgdSpec spec ? [.. DescribedPictures.Of(Context, role, spec, embeddings, shown)] : [],
        };
    }

    private (long Parameters, long MultiplyAdds) Cost(NetworkRole role)
    {
        using var scope = new TensorScope();
        ImageShape shape = Context.Recipe.Data.Shape;
        HashingNetwork network = role.Build(shape, Context.Recipe.Bits, Context.Data.Learn.Classes.Count);
        return (network.ParameterCount, ModelCost.MultiplyAddsOf(network, shape));
    }

    private List<(string, string)> Lineage() =>
    [
        ("recipe", Context.RecipeHash), ("training data", Context.Data.Fingerprint), ("split", Context.Data.Split), ("seed", $"{Context.Recipe.Seed}"),
        ("precision", $"{roles[^1].Training.Precision}"), ("threads", $"{Context.Recipe.Cores}"), ("libtorch", TorchRuntime.Version),
        ("tern", typeof(ReportStage).Assembly.GetName().Version!.ToString(3)), ("pictures left out", $"{Context.Data.Train.Bad.Count + Context.Data.Test.Bad.Count}"),
        .. roles.Where(role => role.Shown is not null).Take(1).Select(role => ("teacher, files", role.Shown!.Hash())),
        .. roles.Where(role => role.StartWeights is not null).Select(role => ($"{role.Name} starts from", role.StartWeights!.Hash())),
    ];
}
