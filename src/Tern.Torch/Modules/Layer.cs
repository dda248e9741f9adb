namespace Tern.Torch.Modules;

/// <summary>A module from one tensor to one tensor. <c>layer[x]</c> runs it and frees its intermediates.</summary>
public abstract class Layer : Module
{
    /// <summary>Is shown every output, in the layer's own scope: what it keeps it must copy, since later layers may compute in place. Null for nobody.</summary>
    public Action<Tensor>? Watcher { get; set; }

    /// <summary>Whether a watcher or a trace looks at what this layer by itself computes.</summary>
    internal bool IsWatched => Watcher is not null || OperatorTrace.Current is not null;

    /// <summary>Runs the layer in a scope of its own.</summary>
    public Tensor this[Tensor input]
    {
        get
        {
            using var scope = new TensorScope();
            Tensor output = scope.Keep(Forward(input));
            Watcher?.Invoke(output);
            return output;
        }
    }

    /// <summary>The computation itself, a plain expression.</summary>
    protected abstract Tensor Forward(Tensor input);
}
