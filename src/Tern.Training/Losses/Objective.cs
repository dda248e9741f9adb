using Tern.Torch;
using Tern.Training.Models;

namespace Tern.Training.Losses;

/// <summary>The value of an objective on a batch: what to differentiate, each term by name for the log, and of each ranking term <see cref="Ranking.Active"/>.</summary>
public sealed record LossBreakdown(Tensor Total, IReadOnlyList<(string Name, Tensor Value)> Terms, IReadOnlyList<Tensor> Active);

/// <summary>The weighted sum of loss terms, with the numbers that terms learn for themselves.</summary>
public sealed class Objective
{
    private readonly (Loss Loss, Tensor? Learned)[] terms;

    /// <summary>Every learned number at its first value.</summary>
    public Objective(IReadOnlyList<Loss> losses) => terms = [.. losses.Select(loss => (loss, FirstOf(loss)))];

    /// <summary>What a checkpoint must hold: "learned.0.beta", 0 being the term's place.</summary>
    public IReadOnlyDictionary<string, Tensor> State =>
        terms.Index().Where(term => term.Item.Learned is not null).ToDictionary(term => $"learned.{term.Index}.{term.Item.Loss.Learns!.Name}", term => term.Item.Learned!);

    /// <summary>Computes every term, in float32 whatever precision the network ran in.</summary>
    public LossBreakdown Compute(LossInput input)
    {
        var values = new List<(string, Tensor)>();
        var active = new List<Tensor>();
        Tensor? total = null;
        foreach ((Loss loss, Tensor? learned) in terms)
        {
            Tensor value = Value(loss, learned is null ? input : input with { Learned = learned }, active);
            values.Add((loss.Name, value));
            Tensor weighted = value * loss.Weight;
            total = total is null ? weighted : total + weighted;
        }
        return new LossBreakdown(total!, values, active);
    }

    /// <summary>Moves every learned number along its gradient, by its own rate times <paramref name="factor"/>, and forgets the gradient.</summary>
    public void Step(double factor)
    {
        using var noGrad = new NoGrad();
        foreach ((Loss loss, Tensor? learned) in terms)
        {
            if (learned?.Gradient is not { } gradient) continue;
            learned.Add_(gradient, -loss.Learns!.Rate * factor);
            learned.Gradient = null;
        }
    }

    /// <summary>The term; of one that ranks, the mean over everything the network wants ranked.</summary>
    private static Tensor Value(Loss loss, LossInput input, List<Tensor> active)
    {
        if (loss is not RankingLoss ranking) return loss.Compute(input);
        NetworkOutput output = input.Output;
        Ranking[] each = [.. (output.Ranked ?? [output.Embedding]).Select(embedding => ranking.Rank(input with { Output = output with { Embedding = embedding } }))];
        active.Add(Mean(each.Select(one => one.Active)));
        return Mean(each.Select(one => one.Value));
    }

    private static Tensor Mean(IEnumerable<Tensor> scalars)
    {
        Tensor[] all = [.. scalars];
        return all.Length == 1 ? all[0] : all.Aggregate((sum, value) => sum + value) / all.Length;
    }

    private static Tensor? FirstOf(Loss loss)
    {
        if (loss.Learns is not { } number) return null;
        Tensor first = Tensor.From([(float)number.First]);
        first.RequiresGrad = true;
        return first;
    }
}
