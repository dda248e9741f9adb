using System.Text.Json;
using Tern.Codes;
using Tern.Evaluation;
using Tern.Imaging;
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
    public override string Name => "report";

    public override string Inputs => string.Join('\n', roles.SelectMany(Measured).Select(Context.Folder.Hash).Append(Context.RecipeHash));

    public override IReadOnlyList<string> Outputs => ["report.html", "summary.json"];

    public override void Run()
    {
        RetrievalProtocol? protocol = Context.Recipe.Evaluate!.Chosen.FirstOrDefault();
        Roles pictures = protocol?.Choose(Context.Data.Pictures) ?? new Roles([], []);
        var data = new ReportData(
            Context.Recipe.Name, Context.Recipe.Bits, protocol?.Title(Context.Recipe.Data.Path, pictures) ?? TitleOfPairs(), pictures.Queries.Length, pictures.Gallery.Length,
            [.. roles.Select(role => Network(role, pictures))], RecipeFile.ToJson(Context.Recipe), Lineage());
        AtomicFile.WriteText(Context.Folder["report.html"], HtmlReport.Render(data));
        AtomicFile.WriteText(Context.Folder["summary.json"], RunSummary.ToJson(data));
    }

    private IEnumerable<string> Measured(NetworkRole role) =>
    [
        role.EvaluationFile, .. Context.Recipe.Evaluate!.Chosen.Count > 0 ? [role.CurveFile] : Array.Empty<string>(),
        role.TimingFile, role.MetricsFile, role.ModelFile, role.SizesFile,
    ];

    private string TitleOfPairs() => Context.Recipe.Evaluate!.ByPairs[0].Title(Context.Data.Pairs!, heldBack: true, Context.Recipe.Data.Path, Context.Recipe.Evaluate!.Mirror);

    private NetworkReport Network(NetworkRole role, Roles pictures)
    {
        Context.Cancellation.ThrowIfCancellationRequested();
        Measurement[] measurements = [.. File.ReadLines(Context.Folder[role.EvaluationFile]).Select(Measurement.FromJson)];
        EncodeTiming timing = JsonSerializer.Deserialize(File.ReadAllText(Context.Folder[role.TimingFile]), TimingJson.Default.EncodeTiming)!;
        EpochRecord[] epochs = [.. File.ReadLines(Context.Folder[role.MetricsFile]).Select(line => JsonSerializer.Deserialize(line, TrainingJson.Default.EpochRecord)!)];
        (IReadOnlyList<BitHealth> bits, float[] correlation) = CodeHealth.Of(EncodedPictures.ReadTrain(Context, role).Codes);
        (long parameters, long multiplyAdds) = Cost(role);
        return new NetworkReport(
            role.Name, parameters, multiplyAdds, new FileInfo(Context.Folder[role.ModelFile]).Length,
            measurements.FirstOrDefault(row => row.Metric == "map")?.Value, measurements.FirstOrDefault(row => row.Metric == "recall@1")?.Value, timing.EncodeMs,
            measurements[0].Model!, measurements, epochs, bits, correlation, Curve(role), [.. QueryRows(EncodedPictures.Read(Context, role), pictures)])
        {
            Size = ModelSize.FromJson(File.ReadAllText(Context.Folder[role.SizesFile])),
            Roc = EncodedPairs.Any(Context) ? RocFile.FromJson(File.ReadAllText(Context.Folder[role.RocFile])) : [],
        };
    }

    private IReadOnlyList<RadiusScore> Curve(NetworkRole role) =>
        Context.Recipe.Evaluate!.Chosen.Count > 0 ? PrecisionRecallCurve.FromJson(File.ReadAllText(Context.Folder[role.CurveFile])).Points : [];

    private (long Parameters, long MultiplyAdds) Cost(NetworkRole role)
    {
        using var scope = new TensorScope();
        ImageShape shape = Context.Recipe.Data.Shape;
        HashingNetwork network = role.Build(shape, Context.Recipe.Bits, Context.Data.Learn.Classes.Count);
        return (network.ParameterCount, ModelCost.MultiplyAddsOf(network, shape));
    }

    /// <summary>Queries spread evenly over those that ask: no row is picked for its looks.</summary>
    private IEnumerable<QueryRow> QueryRows(LabelledCodes codes, Roles pictures)
    {
        EvaluationSpec spec = Context.Recipe.Evaluate!;
        PackedCodes gallery = codes.Select(pictures.Gallery).Codes;
        int rows = Math.Min(spec.Examples, pictures.Queries.Length);
        for (int row = 0; row < rows; row++)
        {
            int query = pictures.Queries[(int)((long)row * pictures.Queries.Length / rows)];
            Neighbor[] nearest = HammingScan.Nearest(gallery, codes.Codes[query], spec.Neighbours, null, Context.Recipe.Threads);
            yield return new QueryRow(Picture(query), [.. nearest.Select(found =>
            {
                int answer = pictures.Gallery[found.Position];
                return new Neighbour(Picture(answer), found.Distance, codes.Labels.IsRelevant(query, codes.Labels, answer));
            })]);
        }
    }

    private ReportPicture Picture(int picture)
    {
        (PixelStore store, int index) = Context.Data.Find(picture);
        byte[] png = PngWriter.Encode(new Picture(store.Shape.Width, store.Shape.Height, store.Shape.Channels, store[index].ToArray()));
        return new ReportPicture(png, store.Labels.Text(index, store.Classes), store.Names[index]);
    }

    private List<(string, string)> Lineage() =>
    [
        ("recipe", Context.RecipeHash), ("training data", Context.Data.Fingerprint), ("split", Context.Data.Split), ("seed", $"{Context.Recipe.Seed}"),
        ("precision", $"{Context.Recipe.Student.Training.Precision}"), ("threads", $"{Context.Recipe.Threads}"), ("libtorch", TorchRuntime.Version),
        ("tern", typeof(ReportStage).Assembly.GetName().Version!.ToString(3)), ("pictures left out", $"{Context.Data.Train.Bad.Count + Context.Data.Test.Bad.Count}"),
        .. roles.Where(role => role.StartWeights is not null).Select(role => ($"{role.Name} starts from", role.StartWeights!.Hash())),
    ];
}
