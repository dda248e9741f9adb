using Tern.Torch;

namespace Tern.Training.Losses;

/// <summary>The value of an objective on a batch: what to differentiate, and each term by name for the log.</summary>
public sealed record LossBreakdown(Tensor Total, IReadOnlyList<(string Name, Tensor Value)> Terms);

/// <summary>The weighted sum of loss terms.</summary>
public static class Objective
{
    /// <summary>Computes every term, in float32 whatever precision the network ran in.</summary>
    public static LossBreakdown Compute(IReadOnlyList<Loss> losses, LossInput input)
    {
        var terms = new List<(string, Tensor)>();
        Tensor? total = null;
        foreach (Loss loss in losses)
        {
            Tensor value = Value(loss, input);
            terms.Add((loss.Name, value));
            Tensor weighted = value * loss.Weight;
            total = total is null ? weighted : total + weighted;
        }
        return new LossBreakdown(total!, terms);
    }

    private static Tensor Value(Loss loss, LossInput input)
    {
        if (!loss.RanksEmbeddings || input.Output.Ranked is not { } ranked) return loss.Compute(input);
        Tensor[] each = [.. ranked.Select(embedding => loss.Compute(input with { Output = input.Output with { Embedding = embedding } }))];
        return each.Aggregate((sum, value) => sum + value) / each.Length;
    }
}
