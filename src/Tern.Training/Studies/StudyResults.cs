using Tern.Evaluation;
using Tern.Training.Runs.Stages;

namespace Tern.Training.Studies;

/// <summary>A cell and a network of it, judged: a result for each seed.</summary>
internal sealed record JudgedNetwork(IReadOnlyDictionary<string, string> Axes, IReadOnlyList<NetworkResult> Seeds)
{
    /// <summary>bits=12,distillation=none,network=student.</summary>
    public string Name => string.Join(',', Axes.Select(at => $"{at.Key}={at.Value}"));

    /// <summary>Identities of the model files.</summary>
    public string Models => string.Join(',', Seeds.Select(seed => seed.Measurements[0].Model));
}

/// <summary>Gathers what the cells of a study have found.</summary>
internal static class StudyResults
{
    /// <summary>Writes results.json, table.md, table.csv and report.html of the first <paramref name="finished"/> cells.</summary>
    public static void Write(StudyPlan plan, Provenance provenance, int finished)
    {
        JudgedNetwork[] judged = [.. Merge(plan.Cells.Take(finished).SelectMany(cell => Judged(plan.Spec, cell)))];
        StudyRow[] rows = [.. judged.SelectMany(network => Rows(plan, network, provenance))];
        AtomicFile.WriteText(Path.Combine(plan.Folder, "results.json"), StudyRow.ToJson(rows));
        AtomicFile.WriteText(Path.Combine(plan.Folder, "table.md"), StudyTable.Markdown(plan.Spec, rows));
        AtomicFile.WriteText(Path.Combine(plan.Folder, "table.csv"), StudyTable.Csv(plan.Spec, rows));
        AtomicFile.WriteText(Path.Combine(plan.Folder, "report.html"), StudyReport.Render(plan.Spec, judged, rows));
    }

    private static IEnumerable<JudgedNetwork> Judged(StudySpec spec, StudyCell cell) => spec.Networks.Intersect(Networks(cell)).Select(network => new JudgedNetwork(
        cell.Key.Values.Append((Axis: StudyRow.NetworkAxis, Value: network)).ToDictionary(at => at.Axis, at => at.Value),
        [.. cell.Runs.Select(run => NetworkResult.Read(run.Folder, network))]));

    private static IEnumerable<string> Networks(StudyCell cell) => NetworkRole.Of(cell.Runs[0].Recipe.Resolve()).Select(role => role.Name);

    /// <summary>A network that is the same model in several cells stands once, with "*" on the axes that it does not depend on.</summary>
    private static IEnumerable<JudgedNetwork> Merge(IEnumerable<JudgedNetwork> networks) =>
        networks.GroupBy(network => (network.Axes[StudyRow.NetworkAxis], network.Models)).Select(same => same.First() with
        {
            Axes = same.First().Axes.Keys.ToDictionary(axis => axis, axis => same.Select(network => network.Axes[axis]).Distinct().Count() == 1 ? same.First().Axes[axis] : "*"),
        });

    private static IEnumerable<StudyRow> Rows(StudyPlan plan, JudgedNetwork network, Provenance provenance)
    {
        NetworkResult first = network.Seeds[0];
        ulong[] seeds = [.. plan.Cells[0].Runs.Select(run => run.Recipe.Seed)];
        foreach (Measurement measured in first.Measurements)
        {
            double[] values = [.. network.Seeds.Select(seed => seed.Measurements.First(at => at.Metric == measured.Metric && at.Protocol == measured.Protocol).Value)];
            yield return new StudyRow(
                network.Name, network.Axes, measured.Metric, Math.Round(values.Average(), 5), Spread(values), measured.Protocol, measured.Ties, seeds, measured.Bits,
                (long)first.Numbers["bytes"], Means(network.Seeds), Math.Round(network.Seeds.Average(seed => seed.Minutes), 1), provenance.Command, provenance.Commit, provenance.Machine);
        }
    }

    /// <summary>Sample standard deviation; null for a single value.</summary>
    private static double? Spread(double[] values)
    {
        if (values.Length < 2) return null;
        double mean = values.Average();
        return Math.Round(Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1)), 5);
    }

    private static Dictionary<string, double> Means(IReadOnlyList<NetworkResult> seeds) =>
        seeds[0].Numbers.Keys.Where(name => name is not "bytes").ToDictionary(name => name, name => Math.Round(seeds.Average(seed => seed.Numbers[name]), 5));
}
