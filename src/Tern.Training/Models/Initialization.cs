using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>How weights start.</summary>
internal static class Initialization
{
    /// <summary>
    /// He et al. 2015, eq. 14 with fan-out: every convolution below <paramref name="module"/> from N(0, 2 / (outputs * kernel^2));
    /// or eq. 10 with fan-in: from N(0, 2 / (inputs of a group * kernel^2)).
    /// </summary>
    internal static void HeNormal(Module module, bool fanIn = false)
    {
        using var noGrad = new NoGrad();
        if (module is Conv2d { Weight: var weight })
        {
            long[] shape = weight.Shape;                                      // [outputs, inputs / groups, k, k]
            weight.Normal_(0, Math.Sqrt(2.0 / (shape[fanIn ? 1 : 0] * shape[2] * shape[3])));
        }
        foreach (Module child in module.Children.Values) HeNormal(child, fanIn);
    }

    /// <summary>The same variance as <see cref="HeNormal"/> with fan-in, drawn uniformly; biases 0.</summary>
    internal static void HeUniform(Module module) => Uniform<Conv2d>(module, 6);

    /// <summary>As Caffe's "xavier" filler draws (after Glorot and Bengio 2010, of the inputs alone): every weight uniform within sqrt(3 / fan-in); biases 0.</summary>
    internal static void Xavier(Module module) => Uniform<WeightedLayer>(module, 3);

    /// <summary>Every weight of such layers uniform within sqrt(<paramref name="spread"/> / fan-in), so of variance spread / 3 fan-in; biases 0.</summary>
    private static void Uniform<T>(Module module, double spread) where T : WeightedLayer
    {
        using var noGrad = new NoGrad();
        if (module is T { Weight: var weight } layer)
        {
            double bound = Math.Sqrt(spread / weight.Shape[1..].Aggregate(1.0, (product, size) => product * size));   // [outputs, ...]
            weight.Uniform_(-bound, bound);
            layer.Bias?.Fill_(0);
        }
        foreach (Module child in module.Children.Values) Uniform<T>(child, spread);
    }

    /// <summary>The first filters, as many as there are inputs, let their input through unchanged: weight [O, I, k, k], k odd; the others stay as they are.</summary>
    internal static void PartialIdentity(Tensor weight)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        (long outputs, long inputs, int kernel) = (weight.Shape[0], weight.Shape[1], (int)weight.Shape[2]);
        float[] values = weight.ToArray<float>();
        for (long i = 0; i < Math.Min(outputs, inputs); i++)
        {
            Array.Clear(values, (int)(i * inputs * kernel * kernel), (int)(inputs * kernel * kernel));
            values[(i * inputs + i) * kernel * kernel + kernel * kernel / 2] = 1;
        }
        weight.Copy_(Tensor.From(values, weight.Shape));
    }

    /// <summary>Every filter from N(0, deviation^2), and 1 more in its middle: weight [C, 1, k, k], k odd, of a convolution that keeps channels apart.</summary>
    internal static void NearIdentity(Tensor weight, double deviation)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        int area = (int)(weight.Shape[2] * weight.Shape[3]);
        float[] values = weight.Normal_(0, deviation).ToArray<float>();
        for (int middle = area / 2; middle < values.Length; middle += area) values[middle] += 1;
        weight.Copy_(Tensor.From(values, weight.Shape));
    }
}
