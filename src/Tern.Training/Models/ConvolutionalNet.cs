using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>A convolutional network up to its last feature map; as a layer, the mean over that map.</summary>
public abstract class ConvolutionalNet : Layer
{
    /// <summary>D: channels of the map, the width of its mean.</summary>
    public abstract int Features { get; }

    /// <summary>Normalised pictures [N, C, H, W] to the last map [N, D, h, w].</summary>
    public Tensor Map(Tensor images)
    {
        using var scope = new TensorScope();
        return scope.Keep(MapOf(images));
    }

    /// <summary>The computation of <see cref="Map"/>, a plain expression.</summary>
    protected abstract Tensor MapOf(Tensor images);

    protected sealed override Tensor Forward(Tensor images) => Map(images).GlobalAveragePool().Flatten();   // [N, D]
}

/// <summary>Which halving of the map is left out, so that the last map is twice as large.</summary>
/// <remarks>
/// CGD (Jun et al. 2019) says "Stage 3 downsampling is removed", which can be read in two ways; A is the one its figure and the text of the review support.
/// </remarks>
public enum LastStride
{
    /// <summary>None: the network as published.</summary>
    Kept,

    /// <summary>The last one: in residual networks the stride of layer4.</summary>
    A,

    /// <summary>The one before: in residual networks the stride of layer3.</summary>
    B,
}
