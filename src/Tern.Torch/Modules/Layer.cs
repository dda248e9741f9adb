namespace Tern.Torch.Modules;

/// <summary>A module from one tensor to one tensor. <c>layer[x]</c> runs it and frees its intermediates.</summary>
public abstract class Layer : Module
{
    /// <summary>Runs the layer in a scope of its own.</summary>
    public Tensor this[Tensor input]
    {
        get
        {
            using var scope = new TensorScope();
            return scope.Keep(Forward(input));
        }
    }

    /// <summary>The computation itself, a plain expression.</summary>
    protected abstract Tensor Forward(Tensor input);
}
