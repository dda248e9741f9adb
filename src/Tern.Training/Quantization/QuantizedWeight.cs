using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Quantization;

/// <summary>Weights that take few values, as a file stores them.</summary>
/// <param name="Bits">Bits a weight takes: 1, 2 or 8.</param>
/// <param name="Levels">Row-major, each below 2^Bits.</param>
/// <param name="Zero">The level that stands for 0, or null where none does.</param>
/// <param name="Scales">1 and 2 bits: what each level stands for, [2^Bits or fewer]. 8 bits: the step of each row, [rows]; a weight is (level - Zero) step.</param>
public sealed record QuantizedLevels(int Bits, byte[] Levels, int? Zero, float[] Scales);

/// <summary>
/// The parametrisation of a layer whose weights take few values: training computes with these values in every step while the optimiser keeps the trained
/// weight, and export stores their levels.
/// </summary>
public abstract class QuantizedWeight : Layer
{
    /// <summary>How a network's trace shows one of these.</summary>
    internal const string Operation = "tern::quantized_weight";

    /// <summary>What a file stores of the trained weight.</summary>
    public abstract QuantizedLevels Levels(Tensor weight);

    /// <summary>[outputs, ...] to the same shape.</summary>
    protected sealed override Tensor Forward(Tensor weight) => OperatorTrace.AsOne(Operation, () => Quantize(weight), weight);

    /// <summary>The values to compute with, differentiable.</summary>
    protected abstract Tensor Quantize(Tensor weight);

    /// <summary>The value of <paramref name="quantized"/> with the gradient of <paramref name="weight"/> times <paramref name="factor"/> (1 where null).</summary>
    protected static Tensor StraightThrough(Tensor quantized, Tensor weight, Tensor? factor = null)
    {
        Tensor nothing = weight - weight.Detach();                            // 0 everywhere, with a gradient of 1
        return quantized + (factor is null ? nothing : factor * nothing);
    }
}
