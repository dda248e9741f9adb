using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>How weights start.</summary>
internal static class Initialization
{
    /// <summary>He et al. 2015, eq. 14 with fan-out: every convolution below <paramref name="module"/> from N(0, 2 / (outputs * kernel^2)).</summary>
    internal static void HeNormal(Module module)
    {
        using var noGrad = new NoGrad();
        if (module is Conv2d { Weight: var weight })
        {
            long[] shape = weight.Shape;                                      // [outputs, inputs, k, k]
            weight.Normal_(0, Math.Sqrt(2.0 / (shape[0] * shape[2] * shape[3])));
        }
        foreach (Module child in module.Children.Values) HeNormal(child);
    }
}
