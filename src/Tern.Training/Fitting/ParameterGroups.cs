using System.IO.Enumeration;
using System.Text.Json.Serialization;
using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Torch.Optimizers;
using Tern.Training.Losses;

namespace Tern.Training.Fitting;

/// <summary>Factors for the parameters whose dotted name matches: a new hash layer learns ten times as fast, say, or a backbone not at all.</summary>
/// <param name="Match">A name such as <c>hash.weight</c>; <c>*</c> stands for any text.</param>
/// <param name="LearningRate">Factor on the learning rate; 0 freezes.</param>
/// <param name="WeightDecay">Factor on the optimiser's weight decay.</param>
/// <param name="Of">Only those of such layers; none means of all.</param>
/// <param name="KeepStatistics">Of batch normalisation: it goes on with the statistics it has, as if it were frozen, though its scale and shift are trained.</param>
public sealed record ParameterFactor(
    string Match, double LearningRate = 1, double WeightDecay = 1, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] LayerKind? Of = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool KeepStatistics = false)
{
    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public IEnumerable<string> Problems()
    {
        if (Match.Length == 0) yield return "match: must be the name of parameters, such as hash.* or *.bias; got ''";
        if (LearningRate < 0) yield return $"learningRate: must be at least 0, a factor; got {LearningRate}";
        if (WeightDecay < 0) yield return $"weightDecay: must be at least 0, a factor; got {WeightDecay}";
        if (KeepStatistics && Of != LayerKind.BatchNorm) yield return "keepStatistics: only batch normalisation has them; add \"of\": \"batchNorm\"";
    }

    internal bool Takes(string parameter, Module owner) =>
        FileSystemName.MatchesSimpleExpression(Match, parameter, ignoreCase: false) && (Of is null || owner is BatchNorm2d);
}

/// <summary>A kind of layers that parameters belong to.</summary>
public enum LayerKind
{
    /// <summary>Batch normalisation: frozen, it keeps its statistics too, as small batches and folded weights want it.</summary>
    BatchNorm,
}

/// <summary>
/// A network's parameters, one optimiser for all that share their factors: Caffe's lr_mult and decay_mult. The first entry that matches a parameter counts.
/// Frozen parameters ask for no gradient, so that what lies before the first trained one costs a forward pass only; a module all of whose parameters are
/// frozen stays in evaluation mode, so that its running statistics stay as well; so does one that is to keep them.
/// </summary>
internal sealed class ParameterGroups
{
    private const int Shown = 24;

    private readonly Module network;
    private readonly (Optimizer Optimizer, double Factor)[] groups;
    private readonly HashSet<Module> held; // they keep their statistics, trained or not

    /// <summary>Freezes what is to be frozen. Throws <see cref="TernException"/> on an entry that takes no parameter, or when nothing is left to train.</summary>
    /// <param name="objective">Layers that terms of the objective train for themselves; their parameters come after the network's own.</param>
    public ParameterGroups(FitOptions options, Module network, LossAdapters? objective = null)
    {
        this.network = network;
        IEnumerable<(string Name, Tensor Tensor, Module Owner)> further = objective is null ? [] : Owned(objective, LossAdapters.Prefix);
        (Tensor Tensor, Module Owner, ParameterFactor Factor)[] parameters = Assign(options.Parameters ?? [], [.. Owned(network, ""), .. further]);
        foreach ((Tensor tensor, _, ParameterFactor factor) in parameters) tensor.RequiresGrad = factor.LearningRate > 0;
        held = [.. parameters.Where(parameter => parameter.Factor.KeepStatistics).Select(parameter => parameter.Owner)];
        groups =
        [
            .. parameters.Where(parameter => parameter.Factor.LearningRate > 0).GroupBy(parameter => (parameter.Factor.LearningRate, parameter.Factor.WeightDecay))
                .Select(group => (Optimizer(options.Optimizer, group.Key.WeightDecay, [.. group.Select(parameter => parameter.Tensor)]), group.Key.LearningRate)),
        ];
        if (groups.Length == 0) throw new TernException("training.parameters: every parameter is frozen; leave at least hash and classifier to train");
    }

    /// <summary>The rate of the next step, before each group's factor.</summary>
    public double LearningRate
    {
        set
        {
            foreach ((Optimizer optimizer, double factor) in groups) optimizer.LearningRate = value * factor;
        }
    }

    /// <summary>What a checkpoint must hold: the first group's names as its optimiser gives them, those of the others behind "group1.", ...</summary>
    public IReadOnlyDictionary<string, Tensor> State =>
        groups.SelectMany((group, i) => group.Optimizer.State.Select(named => (Name: i == 0 ? named.Key : $"group{i}.{named.Key}", Tensor: named.Value)))
            .ToDictionary(named => named.Name, named => named.Tensor);

    /// <summary>Switches to training what is trained.</summary>
    public void Train()
    {
        network.Train();
        Hold(network);
    }

    /// <summary>Forgets the gradients.</summary>
    public void ZeroGradients()
    {
        foreach ((Optimizer optimizer, _) in groups) optimizer.ZeroGradients();
    }

    /// <summary>The length of the gradient over everything that is trained, before each group's factor.</summary>
    public double GradientLength => Math.Sqrt(groups.Sum(group => group.Optimizer.SquaredGradient));

    /// <summary>Changes every parameter that is trained and has a gradient once, in place. Throws <see cref="TernException"/> when none has one.</summary>
    public void Step()
    {
        Optimizer[] moving = [.. groups.Select(group => group.Optimizer).Where(optimizer => optimizer.HasGradients)];
        if (moving.Length == 0) throw new TernException("training.parameters: the objective depends on nothing that is trained; leave what it looks at unfrozen");
        foreach (Optimizer optimizer in moving) optimizer.Step();
    }

    private static Optimizer Optimizer(OptimizerSpec spec, double decay, Tensor[] parameters) => (spec with { WeightDecay = spec.WeightDecay * decay }).Build(parameters);

    /// <summary>Every parameter with the module it stands in.</summary>
    private static IEnumerable<(string Name, Tensor Tensor, Module Owner)> Owned(Module module, string prefix)
    {
        foreach ((string name, Tensor tensor) in module.NamedParameters.Where(named => !module.Children.Keys.Any(child => named.Name.StartsWith(child + ".", StringComparison.Ordinal))))
            yield return (prefix + name, tensor, module);
        foreach ((string name, Module child) in module.Children)
            foreach ((string Name, Tensor Tensor, Module Owner) owned in Owned(child, $"{prefix}{name}."))
                yield return owned;
    }

    private static (Tensor, Module, ParameterFactor)[] Assign(ParameterFactor[] factors, (string Name, Tensor Tensor, Module Owner)[] parameters)
    {
        var standard = new ParameterFactor("*");
        var assigned = Array.ConvertAll(parameters, parameter => (parameter.Tensor, parameter.Owner, Factor: factors.FirstOrDefault(factor => factor.Takes(parameter.Name, parameter.Owner)) ?? standard));
        for (int i = 0; i < factors.Length; i++)
            if (!assigned.Any(parameter => ReferenceEquals(parameter.Factor, factors[i]))) throw new TernException(Useless(factors[i], i, parameters));
        return assigned;
    }

    private static string Useless(ParameterFactor factor, int position, (string Name, Tensor Tensor, Module Owner)[] parameters) =>
        $"training.parameters[{position}].match: '{factor.Match}' "
        + (parameters.Any(parameter => factor.Takes(parameter.Name, parameter.Owner))
            ? "takes nothing that an entry before it has not taken; put it first"
            : $"matches no parameter; the network has {string.Join(", ", parameters.TakeLast(Shown).Select(parameter => parameter.Name))}{(parameters.Length > Shown ? $" and {parameters.Length - Shown} before them" : "")}");

    private void Hold(Module module)
    {
        if (held.Contains(module) || module.NamedParameters.Any() && module.NamedParameters.All(parameter => !parameter.Tensor.RequiresGrad)) module.Train(false);
        else foreach (Module child in module.Children.Values) Hold(child);
    }
}
