namespace Tern.Torch.Modules;

/// <summary>Layers one after another, named 0, 1, 2, ...</summary>
public sealed class Sequential : Layer
{
    private readonly Layer[] layers;

    public Sequential(params Layer[] layers)
    {
        this.layers = layers;
        for (int i = 0; i < layers.Length; i++) Add($"{i}", layers[i]);
    }

    protected override Tensor Forward(Tensor input) => layers.Aggregate(input, (x, layer) => layer[x]);
}
