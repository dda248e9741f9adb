namespace Tern.Torch.Modules;

/// <summary>Weights by name: parameters (trained), buffers (kept), children. Names follow PyTorch's state dicts, so weights map one to one.</summary>
public abstract class Module
{
    private readonly Dictionary<string, Tensor> parameters = [], buffers = [];
    private readonly Dictionary<string, Module> children = [];

    /// <summary>Whether layers behave as in training (batch statistics) or as in use (running statistics).</summary>
    public bool Training { get; private set; } = true;

    /// <summary>Every parameter with its dotted name, in order of definition.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> NamedParameters => Named(module => module.parameters, "");

    /// <summary>Every parameter.</summary>
    public Tensor[] Parameters => [.. NamedParameters.Select(named => named.Tensor)];

    /// <summary>Parameters and buffers by dotted name: what a weight file holds. The tensors themselves, not copies.</summary>
    public IReadOnlyDictionary<string, Tensor> StateDict =>
        NamedParameters.Concat(Named(module => module.buffers, "")).ToDictionary(named => named.Name, named => named.Tensor);

    /// <summary>Modules directly below this one, by name.</summary>
    public IReadOnlyDictionary<string, Module> Children => children;

    /// <summary>Number of trained values.</summary>
    public long ParameterCount => NamedParameters.Sum(named => named.Tensor.Elements);

    /// <summary>Switches this module and all below it to training or to use.</summary>
    public void Train(bool training = true)
    {
        Training = training;
        foreach (Module child in children.Values) child.Train(training);
    }

    /// <summary>
    /// Copies weights by name. Strict: missing, unexpected and mis-shaped names are all listed in one error and nothing is copied;
    /// otherwise what fits is copied and the rest is left alone.
    /// </summary>
    public void Load(IReadOnlyDictionary<string, Tensor> weights, bool strict = true)
    {
        IReadOnlyDictionary<string, Tensor> own = StateDict;
        if (strict) StateDictMismatch.Check(own, weights);
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        foreach ((string name, Tensor tensor) in own)
            if (weights.TryGetValue(name, out Tensor? source) && source.Shape.SequenceEqual(tensor.Shape)) tensor.Copy_(source);
    }

    /// <summary>Lays 4-D parameters out anew, in place: optimisers that hold them keep them.</summary>
    public void To(MemoryFormat format) => Replace(NamedParameters, tensor => tensor.Shape.Length == 4 ? tensor.Contiguous(format) : tensor);

    /// <summary>Moves every weight to a device, in place.</summary>
    public void To(Device device) => Replace(StateDict.Select(named => (named.Key, named.Value)), tensor => tensor.To(device));

    /// <summary>Turns every floating-point weight into another type, in place.</summary>
    public void To(DType type) =>
        Replace(StateDict.Select(named => (named.Key, named.Value)).Where(named => named.Value.DType is DType.Float16 or DType.Float32 or DType.Float64 or DType.BFloat16), tensor => tensor.To(type));

    /// <summary>Frees every weight; the module cannot be used afterwards.</summary>
    public void Free()
    {
        foreach (Tensor tensor in StateDict.Values) tensor.Dispose();
    }

    /// <summary>Registers a trained tensor.</summary>
    protected Tensor Parameter(string name, Tensor tensor)
    {
        tensor.RequiresGrad = true;
        return parameters[name] = tensor;
    }

    /// <summary>Registers a kept tensor.</summary>
    protected Tensor Buffer(string name, Tensor tensor) => buffers[name] = tensor;

    /// <summary>Registers a module below this one.</summary>
    protected T Add<T>(string name, T child) where T : Module
    {
        children[name] = child;
        return child;
    }

    private static void Replace(IEnumerable<(string Name, Tensor Tensor)> tensors, Func<Tensor, Tensor> convert)
    {
        using var scope = new TensorScope();
        foreach ((_, Tensor tensor) in tensors) Operator.Do("aten::set_data", tensor, convert(tensor.Detach()));
    }

    private IEnumerable<(string Name, Tensor Tensor)> Named(Func<Module, Dictionary<string, Tensor>> kind, string prefix) =>
        kind(this).Select(named => (prefix + named.Key, named.Value))
            .Concat(children.SelectMany(child => child.Value.Named(kind, $"{prefix}{child.Key}.")));
}
