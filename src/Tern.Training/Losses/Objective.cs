using Tern.Torch;

namespace Tern.Training.Losses;

/// <summary>The value of an objective on a batch: what to differentiate, and each term by name for the log.</summary>
public sealed record LossBreakdown(Tensor Total, IReadOnlyList<(string Name, Tensor Value)> Terms);

/// <summary>The weighted sum of loss terms.</summary>
public static class Objective
{
    /// <summary>Under which the mean <see cref="LossInput.TeacherWeight"/> of a batch is logged.</summary>
    internal const string TeacherWeight = "teacherWeight";

    /// <summary>Computes every term, in float32 whatever precision the network ran in.</summary>
    /// <param name="learned">What the terms learn themselves; null where none does.</param>
    public static LossBreakdown Compute(IReadOnlyList<Loss> losses, LossInput input, LossModules? learned = null)
    {
        var terms = new List<(string, Tensor)>();
        Tensor? total = null;
        for (int i = 0; i < losses.Count; i++)
        {
            Tensor value = Value(losses[i], learned?.Of(i) is { } own ? input with { Learned = own } : input);
            terms.Add((losses[i].Name, value));
            Tensor weighted = value * losses[i].Weight;
            total = total is null ? weighted : total + weighted;
        }
        if (input.TeacherWeight is { } weight) terms.Add((TeacherWeight, weight.Mean()));
        return new LossBreakdown(total!, terms);
    }

    private static Tensor Value(Loss loss, LossInput input)
    {
        if (!loss.RanksEmbeddings || input.Output.Ranked is not { } ranked) return loss.Compute(input);
        Tensor[] each = [.. ranked.Select(embedding => loss.Compute(input with { Output = input.Output with { Embedding = embedding } }))];
        return each.Aggregate((sum, value) => sum + value) / each.Length;
    }
}
