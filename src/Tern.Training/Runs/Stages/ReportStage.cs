using System.Text.Json;
using Tern.Codes;
using Tern.Evaluation;
using Tern.Imaging;
using Tern.Torch;
using Tern.Training.Data;
using Tern.Training.Export;
using Tern.Training.Fitting;
using Tern.Training.Recipes;
using Tern.Training.Reports;

namespace Tern.Training.Runs.Stages;

/// <summary>Gathers what the run measured into report.html and summary.json.</summary>
public sealed class ReportStage(RunContext context, IReadOnlyList<NetworkRole> roles) : Stage(context)
{
    public override string Name => "report";

    public override string Inputs => string.Join('\n', roles.SelectMany(role => new[] { role.EvaluationFile, role.TimingFile, role.MetricsFile, role.ModelFile, role.SizesFile }).Select(Context.Folder.Hash).Append(Context.RecipeHash));

    public override IReadOnlyList<string> Outputs => ["report.html", "summary.json"];

    public override void Run()
    {
        var data = new ReportData(
            Context.Recipe.Name, Context.Recipe.Bits, EvaluateStage.ProtocolName(Context), Context.Data.Test.Count, Context.Data.Train.Count,
            [.. roles.Select(Network)], RecipeFile.ToJson(Context.Recipe), Lineage());
        AtomicFile.WriteText(Context.Folder["report.html"], HtmlReport.Render(data));
        AtomicFile.WriteText(Context.Folder["summary.json"], RunSummary.ToJson(data));
    }

    private NetworkReport Network(NetworkRole role)
    {
        Context.Cancellation.ThrowIfCancellationRequested();
        Measurement[] measurements = [.. File.ReadLines(Context.Folder[role.EvaluationFile]).Select(Measurement.FromJson)];
        EncodeTiming timing = JsonSerializer.Deserialize(File.ReadAllText(Context.Folder[role.TimingFile]), TimingJson.Default.EncodeTiming)!;
        EpochRecord[] epochs = [.. File.ReadLines(Context.Folder[role.MetricsFile]).Select(line => JsonSerializer.Deserialize(line, TrainingJson.Default.EpochRecord)!)];
        EncodedSets sets = EncodedSets.Read(Context, role);
        (IReadOnlyList<BitHealth> bits, float[] correlation) = CodeHealth.Of(sets.Gallery.Codes);
        return new NetworkReport(
            role.Name, Parameters(role), new FileInfo(Context.Folder[role.ModelFile]).Length,
            measurements.First(row => row.Metric == "map").Value, measurements.First(row => row.Metric == "recall@1").Value, timing.EncodeMs,
            measurements[0].Model!, measurements, epochs, bits, correlation, EvaluateStage.Evaluate(Context, role).Curve, [.. QueryRows(sets)])
        {
            Size = ModelSize.FromJson(File.ReadAllText(Context.Folder[role.SizesFile])),
        };
    }

    private long Parameters(NetworkRole role)
    {
        using var scope = new TensorScope();
        return role.Build(Context.Recipe.Data.Shape, Context.Recipe.Bits, Context.Data.Train.Classes.Count).ParameterCount;
    }

    /// <summary>Queries spread evenly over the test pictures: no row is picked for its looks.</summary>
    private IEnumerable<QueryRow> QueryRows(EncodedSets sets)
    {
        EvaluationSpec spec = Context.Recipe.Evaluate!;
        RunData data = Context.Data;
        int rows = Math.Min(spec.Examples, data.Test.Count);
        for (int row = 0; row < rows; row++)
        {
            int query = (int)((long)row * data.Test.Count / rows);
            Neighbor[] nearest = HammingScan.Nearest(sets.Gallery.Codes, sets.Queries.Codes[query], spec.Neighbours, null, Context.Recipe.Threads);
            yield return new QueryRow(Picture(data.Test, query),
                [.. nearest.Select(found => new Neighbour(Picture(data.Train, (int)found.Position), found.Distance, data.Train.Labels[found.Position] == data.Test.Labels[query]))]);
        }
    }

    private static ReportPicture Picture(PixelStore store, int index) => new(
        PngWriter.Encode(new Picture(store.Shape.Width, store.Shape.Height, store.Shape.Channels, store[index].ToArray())),
        store.Classes[store.Labels[index]], store.Names[index]);

    private List<(string, string)> Lineage() =>
    [
        ("recipe", Context.RecipeHash), ("training data", Context.Data.Fingerprint), ("split", Context.Data.Split), ("seed", $"{Context.Recipe.Seed}"),
        ("precision", $"{Context.Recipe.Teacher.Training.Precision}"), ("threads", $"{Context.Recipe.Threads}"), ("libtorch", TorchRuntime.Version),
        ("tern", typeof(ReportStage).Assembly.GetName().Version!.ToString(3)), ("pictures left out", $"{Context.Data.Train.Bad.Count + Context.Data.Test.Bad.Count}"),
    ];
}
