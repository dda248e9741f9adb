using Tern.Evaluation;
using Tern.Training.Runs;
using Tern.Training.Runs.Stages;

namespace Tern.Training.Studies;

/// <summary>A cell and a network of it, judged: a result for each seed.</summary>
internal sealed record JudgedNetwork(IReadOnlyDictionary<string, string> Axes, IReadOnlyList<ulong> SeedNumbers, IReadOnlyList<NetworkResult> Seeds)
{
    /// <summary>bits=12,distillation=none,network=student.</summary>
    public string Name => string.Join(',', Axes.Select(at => $"{at.Key}={at.Value}"));

    /// <summary>The models and all that was measured of them: equal for two cells only where they say the same.</summary>
    public string Content => string.Join('\n', Seeds.SelectMany(seed => seed.Measurements).Select(measured => measured.ToJson()));
}

/// <summary>Gathers what the cells of a study have found.</summary>
internal static class StudyResults
{
    /// <summary>Writes results.json, table.md, table.csv and report.html of the <paramref name="finished"/> cells.</summary>
    public static void Write(StudyPlan plan, string command, IReadOnlyList<StudyCell> finished)
    {
        JudgedNetwork[] judged = [.. Merge(finished.SelectMany(cell => Judged(plan.Spec, cell)))];
        StudyRow[] rows = [.. judged.SelectMany(network => Rows(network, command))];
        AtomicFile.WriteText(Path.Combine(plan.Folder, "results.json"), StudyRow.ToJson(rows));
        AtomicFile.WriteText(Path.Combine(plan.Folder, "table.md"), StudyTable.Markdown(plan.Spec, rows) + (plan.Spec.Combine is { } combine && plan.IsExtended && finished.Count == plan.Cells.Count ? combine.Recommendation(rows) + "\n" : ""));
        AtomicFile.WriteText(Path.Combine(plan.Folder, "table.csv"), StudyTable.Csv(plan.Spec, rows));
        AtomicFile.WriteText(Path.Combine(plan.Folder, "report.html"), StudyReport.Render(plan.Spec, judged, rows));
    }

    private static IEnumerable<JudgedNetwork> Judged(StudySpec spec, StudyCell cell) => spec.Networks.Intersect(Networks(cell)).Select(network => new JudgedNetwork(
        cell.Key.Values.Append((Axis: StudyRow.NetworkAxis, Value: network)).ToDictionary(at => at.Axis, at => at.Value),
        [.. cell.Runs.Select(run => run.Recipe.Seed)],
        [.. cell.Runs.Select(run => NetworkResult.Read(run.Folder, network))]));

    private static IEnumerable<string> Networks(StudyCell cell) => NetworkRole.Of(cell.Runs[0].Recipe.Resolve()).Select(role => role.Name);

    /// <summary>A network that several cells share stands once; on an axis where they differ it has all their values: none|dth.</summary>
    private static IEnumerable<JudgedNetwork> Merge(IEnumerable<JudgedNetwork> networks) =>
        networks.GroupBy(network => (network.Axes[StudyRow.NetworkAxis], network.Content)).Select(same => same.First() with
        {
            Axes = same.First().Axes.Keys.ToDictionary(axis => axis, axis => string.Join('|', same.Select(network => network.Axes[axis]).Distinct())),
        });

    private static IEnumerable<StudyRow> Rows(JudgedNetwork network, string command)
    {
        NetworkResult first = network.Seeds[0];
        foreach (Measurement measured in first.Measurements)
        {
            double[] values = [.. network.Seeds.Select(seed => seed.Measurements.First(at => at.Metric == measured.Metric && at.Protocol == measured.Protocol && at.Ranked == measured.Ranked).Value)];
            yield return new StudyRow(
                network.Name, network.Axes, measured.Metric, Math.Round(values.Average(), 5), Spread(values), measured.Protocol, measured.Ties, [.. network.SeedNumbers], measured.Bits,
                (long)first.Numbers["bytes"], Means(network.Seeds), Math.Round(network.Seeds.Average(seed => seed.Minutes), 1), command,
                Origins(network, origin => origin.Commit), Origins(network, origin => origin.Machine), measured.Ranked);
        }
    }

    private static string Origins(JudgedNetwork network, Func<Origin, string> part) => string.Join('|', network.Seeds.Select(seed => part(seed.Origin)).Distinct());

    /// <summary>Sample standard deviation; null for a single value.</summary>
    private static double? Spread(double[] values)
    {
        if (values.Length < 2) return null;
        double mean = values.Average();
        return Math.Round(Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1)), 5);
    }

    private static Dictionary<string, double> Means(IReadOnlyList<NetworkResult> seeds) =>
        seeds[0].Numbers.Keys.Where(name => name is not ("bytes" or "map" or "recallAt1")).ToDictionary(name => name, name => Math.Round(seeds.Average(seed => seed.Numbers[name]), 5));
}
