using System.Text.RegularExpressions;

namespace Tern.Training.Studies;

/// <summary>What several runs say of how they were judged, as one text that is true of all.</summary>
internal static partial class ProtocolText
{
    /// <summary>
    /// Counts in which they differ, as those of held-back pictures do from seed to seed, from the smallest to the largest: <c>query600..612-db600..612</c>; and where there are
    /// several folds, their number in place of one: <c>view2-10 folds</c>. Texts that differ in more than counts one after the other, <c>a|b</c>.
    /// </summary>
    public static string OfAll(IEnumerable<string> protocols, int folds)
    {
        string[] all = [.. protocols.Select(protocol => folds == 1 ? protocol : Fold().Replace(protocol, $"-{folds} folds/")).Distinct()];
        if (all.Select(protocol => Count().Replace(protocol, "#")).Distinct().Count() > 1) return string.Join('|', all);
        long[][] counts = Array.ConvertAll(all, protocol => Count().Matches(protocol).Select(found => long.Parse(found.Value)).ToArray());
        int place = 0;
        return Count().Replace(all[0], found =>
        {
            long[] here = Array.ConvertAll(counts, each => each[place]);
            place++;
            return here.Min() == here.Max() ? found.Value : $"{here.Min()}..{here.Max()}";
        });
    }

    [GeneratedRegex(@"-fold\d+/")]
    private static partial Regex Fold();

    [GeneratedRegex(@"(?<=/|query|-db)\d{1,18}(?!\w)")]
    private static partial Regex Count();
}
