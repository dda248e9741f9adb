using System.Globalization;

namespace Tern.Training.Fitting;

/// <summary>
/// Watches the first half of a training on a ranking term, some steps at a time, for the two ways in which it comes to nothing: every embedding goes to one point
/// (what Schroff et al. 2015 and Hermans et al. 2017 report of hard triplets), or nothing is left to rank. Warns once.
/// </summary>
/// <param name="First">Mean distance of pairs in the first step.</param>
/// <param name="Distance">Sum over the steps watched of the mean distance.</param>
/// <param name="Active">Sum over them of the active share.</param>
/// <param name="Steps">How many they are.</param>
/// <param name="Warned">Whether it has.</param>
internal sealed record CollapseWatch(double First, double Distance = 0, double Active = 0, int Steps = 0, bool Warned = false)
{
    /// <summary>A quarter of the first distance: classes that gather only lower the mean by the share of their own pairs.</summary>
    private const double Collapsed = 0.25;

    private const int LongestWindow = 50;

    /// <summary>
    /// Looks at step <paramref name="step"/>, the first being 0, of <paramref name="total"/>; the warning says what happened and what to do, and is null where all is well.
    /// </summary>
    public (CollapseWatch Next, string? Warning) Add(EmbeddingSpread spread, long step, long total)
    {
        if (Warned || 2 * step >= total) return (this, null);
        CollapseWatch sum = this with { Distance = Distance + spread.Distance, Active = Active + spread.Active, Steps = Steps + 1 };
        if (sum.Steps < Math.Clamp(total / 20, 1, LongestWindow)) return (sum, null);
        string? warning = sum.Judge(step + 1);
        return (new CollapseWatch(First, Warned: warning is not null), warning);
    }

    private string? Judge(long until) =>
        Distance / Steps < Collapsed * First ? string.Create(CultureInfo.InvariantCulture,
            $"embeddings are going to one point: pairs of a batch are {Distance / Steps:F3} apart in steps {until - Steps + 1} to {until}, {First:F3} in the first "
            + $"(of length 1 each). Lower optimizer.learningRate, let it rise slowly (schedule oneCycle, or cosine with warmup), or take a soft margin (\"soft\": true) or semiHardTriplet")
        : Active == 0 ? string.Create(CultureInfo.InvariantCulture,
            $"no anchor had anything to learn in steps {until - Steps + 1} to {until}: positives are nearer than negatives by more than the margin, or a batch has none of "
            + $"the one kind. Raise margin, take a soft one (\"soft\": true) or more classes in a batch; if the validation mAP is what you hoped for, all is well")
        : null;
}
