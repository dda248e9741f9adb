namespace Tern.Torch.Optimizers;

/// <summary>Changes parameters along their gradients. A parameter that nothing differentiated depends on has none and stays as it is.</summary>
public abstract class Optimizer(Tensor[] parameters, double learningRate)
{
    private readonly Dictionary<string, Tensor> state = [];

    /// <summary>The rate of the next step; a schedule sets it.</summary>
    public double LearningRate { get; set; } = learningRate;

    /// <summary>Everything a checkpoint must hold besides the parameters, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> State => state;

    /// <summary>What is trained.</summary>
    protected Tensor[] Parameters { get; } = parameters;

    /// <summary>Forgets the gradients.</summary>
    public void ZeroGradients()
    {
        foreach (Tensor parameter in Parameters) parameter.Gradient = null;
    }

    /// <summary>Whether there is anything to change.</summary>
    public bool HasGradients => Array.Exists(Parameters, parameter => parameter.Gradient is not null);

    /// <summary>The squared length of all gradients together.</summary>
    public double SquaredGradient => Parameters.Select(parameter => parameter.Gradient).OfType<Tensor>().Sum(gradient => gradient.To(DType.Float32).Pow(2).Sum().Item());

    /// <summary>Changes every parameter that has a gradient once, in place: no decay, no momentum for the others, as in PyTorch. An error if none has one.</summary>
    public void Step()
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        Tensor?[] gradients = Array.ConvertAll(Parameters, parameter => parameter.Gradient);
        int[] moved = [.. Enumerable.Range(0, gradients.Length).Where(i => gradients[i] is not null)];
        if (moved.Length == 0) throw new TorchException("no parameter has a gradient: call Backward() on a loss that depends on them");
        Update(moved, Array.ConvertAll(moved, i => gradients[i]!));
    }

    /// <summary>The method's own arithmetic on the parameters at the places <paramref name="moved"/>; gradients are in their order.</summary>
    protected abstract void Update(int[] moved, Tensor[] gradients);

    /// <summary>Those of <paramref name="all"/>, one for each parameter, at the places <paramref name="moved"/>.</summary>
    protected static Tensor[] At(int[] moved, Tensor[] all) => moved.Length == all.Length ? all : Array.ConvertAll(moved, i => all[i]);

    /// <summary>A zero of each parameter's shape, kept in the state under "name.0", "name.1", ...</summary>
    protected Tensor[] Slots(string name)
    {
        using var noGrad = new NoGrad();
        Tensor[] slots = Array.ConvertAll(Parameters, parameter => parameter.Detach().ZerosLike());
        for (int i = 0; i < slots.Length; i++) state[$"{name}.{i}"] = slots[i];
        return slots;
    }

    /// <summary>One float64 number, kept in the state.</summary>
    protected Tensor Number(string name) => state[name] = Tensor.Zeros([1], DType.Float64);
}
