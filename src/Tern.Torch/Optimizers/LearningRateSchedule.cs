using System.Text.Json.Serialization;

namespace Tern.Torch.Optimizers;

/// <summary>How the learning rate runs over training, as a factor on the rate that was asked for.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ConstantSchedule), "constant")]
[JsonDerivedType(typeof(StepSchedule), "step")]
[JsonDerivedType(typeof(CosineSchedule), "cosine")]
[JsonDerivedType(typeof(OneCycleSchedule), "oneCycle")]
[JsonDerivedType(typeof(TriangleSchedule), "triangle")]
public abstract record LearningRateSchedule
{
    /// <summary>The factor for step <paramref name="step"/> of <paramref name="total"/>, 0 &lt;= step &lt; total.</summary>
    public abstract double Factor(long step, long total);

    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public virtual IEnumerable<string> Problems() => [];

    /// <summary>From <paramref name="from"/> to <paramref name="to"/> along half a cosine, as <paramref name="part"/> runs from 0 to 1.</summary>
    protected static double Cosine(double from, double to, double part) => to + (from - to) * (1 + Math.Cos(Math.PI * part)) / 2;
}

/// <summary>The rate as it is.</summary>
public sealed record ConstantSchedule : LearningRateSchedule
{
    public override double Factor(long step, long total) => 1;
}

/// <summary>Multiplied by <paramref name="Multiplier"/> at each milestone, a share of training in (0, 1).</summary>
public sealed record StepSchedule(double[] Milestones, [property: JsonPropertyName("factor")] double Multiplier = 0.1) : LearningRateSchedule
{
    public override double Factor(long step, long total) => Math.Pow(Multiplier, Milestones.Count(milestone => step >= milestone * total));

    public override IEnumerable<string> Problems()
    {
        if (Milestones.Any(milestone => milestone is <= 0 or >= 1)) yield return $"milestones: each must lie between 0 and 1, a share of training; got {string.Join(", ", Milestones)}";
        if (Multiplier <= 0) yield return $"factor: must be above 0; got {Multiplier}";
    }
}

/// <summary>Half a cosine from the rate to 0, after a linear rise over the share <paramref name="Warmup"/>.</summary>
public sealed record CosineSchedule(double Warmup = 0) : LearningRateSchedule
{
    public override double Factor(long step, long total)
    {
        double warm = Warmup * total;
        return step < warm ? (step + 1) / (warm + 1) : Cosine(1, 0, (step - warm) / Math.Max(1, total - warm));
    }

    public override IEnumerable<string> Problems()
    {
        if (Warmup is < 0 or >= 1) yield return $"warmup: must be at least 0 and below 1, a share of training; got {Warmup}";
    }
}

/// <summary>
/// Smith and Topin 2018, as <c>torch.optim.lr_scheduler.OneCycleLR</c> with cosine annealing: up from rate / 25 over the share
/// <paramref name="Rise"/>, then down to rate / 250,000. Departure: the momentum is not cycled.
/// </summary>
public sealed record OneCycleSchedule(double Rise = 0.3) : LearningRateSchedule
{
    private const double Start = 1 / 25.0, End = Start / 1e4;

    public override double Factor(long step, long total)
    {
        double peak = Math.Max(0, Rise * total - 1), last = total - 1;
        if (step == peak) return 1;
        return step < peak ? Cosine(Start, 1, step / peak) : Cosine(1, End, (step - peak) / (last - peak));
    }

    public override IEnumerable<string> Problems()
    {
        if (Rise is <= 0 or >= 1) yield return $"rise: must lie between 0 and 1, a share of training; got {Rise}";
    }
}

/// <summary>Along two straight lines: from the share <paramref name="Start"/> of the rate up to it, at the share <paramref name="Peak"/> of training, and down to the share <paramref name="End"/>.</summary>
/// <remarks>Jordan 2024, arXiv 2404.00498, with the values of airbench94. It does not end at 0, so that the last epochs still change the network.</remarks>
public sealed record TriangleSchedule(double Start = 0.2, double Peak = 0.23, double End = 0.07) : LearningRateSchedule
{
    public override double Factor(long step, long total)
    {
        double peak = Peak * total;
        return step < peak ? Start + (1 - Start) * step / peak : 1 + (End - 1) * (step - peak) / (total - peak);
    }

    public override IEnumerable<string> Problems()
    {
        if (Start is < 0 or > 1) yield return $"start: must lie in 0..1, a share of the rate; got {Start}";
        if (Peak is <= 0 or >= 1) yield return $"peak: must lie between 0 and 1, a share of training; got {Peak}";
        if (End is < 0 or > 1) yield return $"end: must lie in 0..1, a share of the rate; got {End}";
    }
}
