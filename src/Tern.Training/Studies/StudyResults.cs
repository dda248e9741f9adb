using Tern.Evaluation;
using Tern.Training.Runs;

namespace Tern.Training.Studies;

/// <summary>A cell and a network of it, judged: a result for each seed, and for each fold of it where a study has folds.</summary>
internal sealed record JudgedNetwork(IReadOnlyDictionary<string, string> Axes, IReadOnlyList<ulong> SeedNumbers, IReadOnlyList<NetworkResult> Results, string Command)
{
    /// <summary>How many results of a seed stand one after the other.</summary>
    public int Folds { get; init; } = 1;

    /// <summary>bits=12,distillation=none,network=student.</summary>
    public string Name => string.Join(',', Axes.Select(at => $"{at.Key}={at.Value}"));

    /// <summary>The models and all that was measured of them: equal for two cells only where they say the same.</summary>
    public string Content => string.Join('\n', Results.SelectMany(result => result.Measurements).Select(measured => measured.ToJson()));
}

/// <summary>Gathers what the cells of a study have found.</summary>
internal static class StudyResults
{
    /// <summary>Writes results.json, table.md, table.csv and report.html of the <paramref name="finished"/> cells; returns the rows.</summary>
    public static StudyRow[] Write(StudyPlan plan, IReadOnlyList<FinishedCell> finished)
    {
        JudgedNetwork[] judged = [.. Merge(finished.SelectMany(cell => Judged(plan.Spec, cell)))];
        StudyRow[] rows = [.. judged.SelectMany(Rows)];
        AtomicFile.WriteText(Path.Combine(plan.Folder, "results.json"), StudyRow.ToJson(rows));
        AtomicFile.WriteText(Path.Combine(plan.Folder, "table.md"), StudyTable.Markdown(plan.Spec, rows) + (plan.Spec.Combine is { } combine && plan.IsExtended && finished.Count == plan.Cells.Count ? combine.Recommendation(rows) + "\n" : ""));
        AtomicFile.WriteText(Path.Combine(plan.Folder, "table.csv"), StudyTable.Csv(plan.Spec, rows));
        AtomicFile.WriteText(Path.Combine(plan.Folder, "report.html"), StudyReport.Render(plan.Spec, judged, rows));
        return rows;
    }

    private static IEnumerable<JudgedNetwork> Judged(StudySpec spec, FinishedCell finished) => spec.Networks.Intersect(finished.Cell.Networks).Select(network => new JudgedNetwork(
        finished.Cell.Key.Values.Append((Axis: StudyRow.NetworkAxis, Value: network)).ToDictionary(at => at.Axis, at => at.Value),
        [.. finished.Cell.Runs.Select(run => run.Recipe.Seed).Distinct()],
        [.. finished.Runs.Select(run => run.Networks[network])],
        string.Join('|', finished.Runs.Select(run => run.Command).Distinct())) { Folds = spec.Folds?.Length ?? 1 });

    /// <summary>A network that several cells share stands once; on an axis where they differ it has all their values: none|dth.</summary>
    private static IEnumerable<JudgedNetwork> Merge(IEnumerable<JudgedNetwork> networks) =>
        networks.GroupBy(network => (network.Axes[StudyRow.NetworkAxis], network.Content)).Select(same => same.First() with
        {
            Axes = same.First().Axes.Keys.ToDictionary(axis => axis, axis => string.Join('|', same.Select(network => network.Axes[axis]).Distinct())),
        });

    private static IEnumerable<StudyRow> Rows(JudgedNetwork network)
    {
        NetworkResult first = network.Results[0];
        for (int i = 0; i < first.Measurements.Count; i++)
        {
            Measurement measured = first.Measurements[i];
            int place = first.Measurements.Take(i).Count(before => AreAlike(before, measured));
            Measurement[] alike = [.. network.Results.Select(run => run.Measurements.Where(at => AreAlike(at, measured)).ElementAt(place))];
            double[][] found = [.. alike.Select(at => at.Value).Chunk(network.Folds)];                   // [seeds][folds]
            StudyRow Row(string metric, double[] values) => new(
                network.Name, network.Axes, metric, Math.Round(values.Average(), 5), Spread(values), ProtocolText.OfAll(alike.Select(at => at.Protocol), network.Folds), measured.Ties, [.. network.SeedNumbers], measured.Bits,
                (long)first.Numbers["bytes"], Means(network.Results), Math.Round(network.Results.Average(result => result.Minutes), 1), network.Command,
                Joined(network.Results, result => result.Origin.Commit), Joined(network.Results, result => result.Origin.Machine), measured.Ranked, Joined(alike, at => at.Split), Joined(alike, at => at.Model),
                values.Length > 1 ? [.. values.Select(value => Math.Round(value, 5))] : null);
            yield return Row(measured.Metric, [.. found.Select(folds => folds.Average())]);
            if (network.Folds > 1 && measured.Metric == "accuracy") yield return Row("accuracy.standardError", [.. found.Select(folds => Spread(folds)!.Value / Math.Sqrt(folds.Length))]);
        }
    }

    /// <summary>Whether two numbers are of one kind. Which of a kind belong together follows from their order: names of protocols have the fold and counts of pictures, in which runs differ.</summary>
    private static bool AreAlike(Measurement one, Measurement other) => one.Metric == other.Metric && one.Ranked == other.Ranked && one.Bits == other.Bits;

    /// <summary>What all say, or all that they say: a|b.</summary>
    private static string Joined<T>(IEnumerable<T> all, Func<T, string?> part) => string.Join('|', all.Select(part).Distinct());

    /// <summary>Sample standard deviation; null for a single value.</summary>
    private static double? Spread(double[] values)
    {
        if (values.Length < 2) return null;
        double mean = values.Average();
        return Math.Round(Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1)), 5);
    }

    private static Dictionary<string, double> Means(IReadOnlyList<NetworkResult> seeds) =>
        seeds[0].Numbers.Keys.Where(name => name is not ("bytes" or "map" or "recallAt1" or "accuracy" or "codeAccuracy")).ToDictionary(name => name, name => Math.Round(seeds.Average(seed => seed.Numbers[name]), 5));
}
