namespace Tern.Torch.Modules;

/// <summary>Layers one after another, named 0, 1, 2, ... A normalisation behind a convolution is run with it.</summary>
public sealed class Sequential : Layer
{
    private readonly Layer[] layers;

    public Sequential(params Layer[] layers)
    {
        this.layers = layers;
        for (int i = 0; i < layers.Length; i++) Add($"{i}", layers[i]);
    }

    protected override Tensor Forward(Tensor input)
    {
        Tensor x = input;
        for (int i = 0; i < layers.Length; i++)
        {
            if (layers[i] is Conv2d convolution && layers.ElementAtOrDefault(i + 1) is BatchNorm2d norm)
            {
                x = norm.After(convolution, x);
                i++;
            }
            else x = layers[i][x];
        }
        return x;
    }
}
