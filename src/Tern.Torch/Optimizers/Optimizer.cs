namespace Tern.Torch.Optimizers;

/// <summary>Changes parameters along their gradients. All parameters need a gradient when <see cref="Step"/> is called.</summary>
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

    /// <summary>Changes every parameter once, in place.</summary>
    public void Step()
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        Update(Array.ConvertAll(Parameters, parameter => parameter.Gradient ?? throw new TorchException("a parameter has no gradient: call Backward() on a loss that depends on it")));
    }

    /// <summary>The method's own arithmetic; gradients are in the order of the parameters.</summary>
    protected abstract void Update(Tensor[] gradients);

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
