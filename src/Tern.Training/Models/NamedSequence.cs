using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>Layers one after another under names of their own.</summary>
internal sealed class NamedSequence : Layer
{
    private readonly (string Name, Layer Layer)[] layers;

    internal NamedSequence(params (string Name, Layer Layer)[] layers)
    {
        this.layers = layers;
        foreach ((string name, Layer layer) in layers) Add(name, layer);
    }

    protected override Tensor Forward(Tensor input) => layers.Aggregate(input, (x, named) => named.Layer[x]);
}
