using System.Globalization;
using System.Text.Json.Nodes;
using Tern.Training.Protocols;
using Tern.Training.Recipes;

namespace Tern.Training.Studies;

/// <summary>What a study does once its grid is done: it joins the two best values of an axis, in both orders, runs those too, and recommends the best of all.</summary>
/// <remarks>How CGD (Jun et al. 2019, section 4.4) finds its descriptors: each alone first, then the best two together.</remarks>
/// <param name="Axis">Whose values are joined; each sets a text at <paramref name="Path"/>.</param>
/// <param name="Path">Where in the recipe, such as <c>teacher.model.descriptors</c>.</param>
/// <param name="Network">Whose numbers decide.</param>
/// <param name="Protocol">By which: one that looks at no test picture.</param>
/// <param name="Metric">Which of them, the larger the better.</param>
public sealed record CombineSpec(string Axis, string Path, string Network, string Protocol, string Metric = "map")
{
    private const int Joined = 2;
    private static readonly string[] Metrics = ["map", "map@r", "r-precision", "recall@1", "precision@1"];

    /// <summary>What is out of range, each as "name: what; got value".</summary>
    internal IEnumerable<string> Problems(StudySpec study)
    {
        if (study.Axes.FirstOrDefault(axis => axis.Name == Axis) is not { } axis) yield return $"axis: {NearestName.Suggest(Axis, [.. study.Axes.Select(axis => axis.Name)])}";
        else if (axis.Values.Length < Joined) yield return $"axis: needs at least {Joined} values; got {axis.Values.Length}";
        else foreach (AxisValue value in axis.Values.Where(value => Text(value) is null)) yield return $"path: must be set, to a text, by every value of {Axis}; '{value.Name}' sets nothing at {Path}";
        if (!Metrics.Contains(Metric)) yield return $"metric: {NearestName.Suggest(Metric, Metrics)}";
        if (!study.Networks.Contains(Network)) yield return $"network: must be one of the study's ({string.Join(", ", study.Networks)}); got '{Network}'";
        if (RetrievalProtocol.Find(Protocol) is not { } protocol) yield return $"protocol: {NearestName.Suggest(Protocol, [.. RetrievalProtocol.Names])}";
        else if (protocol.UsesTest) yield return $"protocol: must not look at test pictures, which may decide nothing, and must be one of the recipe's evaluate.protocols; got '{Protocol}'";
    }

    /// <summary>The study with the joined values beside its own.</summary>
    internal StudySpec Extend(StudySpec study, IReadOnlyList<StudyRow> rows)
    {
        AxisSpec axis = study.Axes.First(at => at.Name == Axis);
        AxisValue[] best = [.. Ranked(rows).Select(found => axis.Values.FirstOrDefault(value => value.Name == found.Value)).OfType<AxisValue>().Take(Joined)];
        if (best.Length < Joined) throw new TernException($"combine: the values of {Axis} make no difference to {Network}; name a network that {Path} changes");
        AxisValue[] joined = [Join(best[0], best[1]), Join(best[1], best[0])];
        AxisSpec longer = axis with { Values = [.. axis.Values, .. joined.Where(one => axis.Values.All(value => value.Name != one.Name))] };
        return study with { Axes = [.. study.Axes.Select(at => at == axis ? longer : at)] };
    }

    /// <summary>One line for people.</summary>
    internal string Recommendation(IReadOnlyList<StudyRow> rows) => Ranked(rows) is [var best, ..]
        ? string.Create(CultureInfo.InvariantCulture, $"Recommended: {Axis} {best.Value}, the best by {Metric} of the {Network} under {Protocol} ({best.Mean:F3}), which looks at no test picture.")
        : "";

    /// <summary>Values by their mean over everything else that varies, the best first; by what pictures are found by, which a network's rows begin with.</summary>
    private (string Value, double Mean)[] Ranked(IReadOnlyList<StudyRow> rows)
    {
        StudyRow[] deciding = [.. rows.Where(row => row.Metric == Metric && row.Axes[StudyRow.NetworkAxis] == Network && row.Protocol.Split('/').Contains(Protocol))];
        if (deciding.Length == 0) throw new TernException($"combine: no row has {Metric} of {Network} under {Protocol}: add it to the recipe's evaluate.protocols");
        return [.. deciding.Where(row => row.FoundBy == deciding[0].FoundBy).GroupBy(row => row.Axes[Axis])
            .Select(value => (value.Key, Mean: value.Average(row => row.Value))).OrderByDescending(value => value.Mean)];
    }

    private AxisValue Join(AxisValue first, AxisValue second)
    {
        JsonNode set = JsonValue.Create(Text(first) + Text(second));
        foreach (string key in Path.Split('.').Reverse()) set = new JsonObject { [key] = set };
        return new AxisValue(first.Name + second.Name, (JsonObject)set);
    }

    private string? Text(AxisValue value)
    {
        JsonNode? at = value.Set;
        foreach (string key in Path.Split('.')) at = (at as JsonObject)?[key];
        return at is JsonValue text && text.TryGetValue(out string? found) ? found : null;
    }
}
