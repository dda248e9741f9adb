using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Models;

namespace Tern.Training.Losses;

/// <summary>The value of an objective on a batch: what to differentiate, each term by name for the log, and of each ranking term <see cref="Ranking.Active"/>.</summary>
public sealed record LossBreakdown(Tensor Total, IReadOnlyList<(string Name, Tensor Value)> Terms, IReadOnlyList<Tensor> Active);

/// <summary>The weighted sum of loss terms, with what terms learn for themselves.</summary>
public sealed class Objective
{
    /// <summary>Under which the mean <see cref="LossInput.TeacherWeight"/> of a batch is logged, and its standard deviation there.</summary>
    internal const string TeacherWeight = "teacherWeight", TeacherWeightSpread = "teacherWeight.spread";

    private readonly (Loss Loss, string Name, Tensor? Learned, Layer? Adapter)[] terms;
    private readonly LossAdapters? adapters;

    /// <summary>Every learned number at its first value.</summary>
    /// <param name="adapters">The layers that terms train for themselves; left out where none does.</param>
    public Objective(IReadOnlyList<Loss> losses, LossAdapters? adapters = null)
    {
        this.adapters = adapters;
        terms = [.. losses.Select((loss, i) => (loss, NameOf(losses, i), FirstOf(loss), adapters?.Of(i)))];
    }

    /// <summary>What a checkpoint must hold: "learned.0.beta", "adapter.1.weight", the number being the term's place.</summary>
    public IReadOnlyDictionary<string, Tensor> State
    {
        get
        {
            var state = new Dictionary<string, Tensor>();
            for (int i = 0; i < terms.Length; i++)
                if (terms[i].Learned is { } learned) state[$"learned.{i}.{terms[i].Loss.Learns!.Name}"] = learned;
            foreach ((string name, Tensor tensor) in adapters?.StateDict ?? new Dictionary<string, Tensor>()) state[$"adapter.{name}"] = tensor;
            return state;
        }
    }

    /// <summary>Computes every term, in float32 whatever precision the network ran in.</summary>
    public LossBreakdown Compute(LossInput input)
    {
        var values = new List<(string, Tensor)>();
        var active = new List<Tensor>();
        Tensor? total = null;
        foreach ((Loss loss, string name, Tensor? learned, Layer? adapter) in terms)
        {
            Tensor value = Value(loss, learned is null && adapter is null ? input : input with { Learned = learned, Adapter = adapter }, active);
            values.Add((name, value));
            Tensor weighted = value * loss.Weight;
            total = total is null ? weighted : total + weighted;
        }
        if (input.TeacherWeight is { } trust) values.AddRange(Describe(trust));
        return new LossBreakdown(total!, values, active);
    }

    /// <summary>Forgets the gradients of what terms learn for themselves.</summary>
    public void ZeroGradients()
    {
        foreach ((_, _, Tensor? learned, _) in terms) learned?.Gradient = null;
    }

    /// <summary>Moves every learned number along its gradient, by its own rate times <paramref name="factor"/>, and forgets the gradient.</summary>
    public void Step(double factor)
    {
        using var noGrad = new NoGrad();
        foreach ((Loss loss, _, Tensor? learned, _) in terms)
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

    private static IEnumerable<(string, Tensor)> Describe(Tensor trust)                                // [N]
    {
        Tensor mean = trust.Mean();
        return [(TeacherWeight, mean), (TeacherWeightSpread, (trust - mean).Pow(2).Mean().Sqrt())];
    }

    private static Tensor Mean(IEnumerable<Tensor> scalars)
    {
        Tensor[] all = [.. scalars];
        return all.Length == 1 ? all[0] : all.Aggregate((sum, value) => sum + value) / all.Length;
    }

    /// <summary>The term's name; of a second one of that name "name.2", and so on, so that each is logged by itself.</summary>
    private static string NameOf(IReadOnlyList<Loss> losses, int place)
    {
        int before = losses.Take(place).Count(loss => loss.Name == losses[place].Name);
        return before == 0 ? losses[place].Name : $"{losses[place].Name}.{before + 1}";
    }

    private static Tensor? FirstOf(Loss loss)
    {
        if (loss.Learns is not { } number) return null;
        Tensor first = Tensor.From([(float)number.First]);
        first.RequiresGrad = true;
        return first;
    }
}
