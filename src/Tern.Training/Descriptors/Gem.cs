using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Descriptors;

/// <summary>GeM, the generalised mean (mean of x^p)^(1/p) of each channel: between the mean (p = 1) and the largest value (p to infinity).</summary>
/// <remarks>
/// Radenović, Tolias and Chum, PAMI 2018, eq. 3. x is at least 1e-6, as in their code: at 0 the gradient of the root is infinite, and that of the power 0, so that
/// their product is not a number. One p for all channels. A channel is divided by its largest value and multiplied by it again, which changes nothing but keeps its powers
/// within what a float can hold; no gradient goes through that value, for the mean does not depend on it.
/// </remarks>
public sealed class Gem : Layer
{
    private const double Smallest = 1e-6;

    private readonly double power;
    private readonly Tensor? learned;

    /// <param name="power">p, above 0; CGD has 3.</param>
    /// <param name="learn">Whether p is trained from there, as the parameter <c>p</c>.</param>
    public Gem(double power = 3, bool learn = false)
    {
        this.power = power;
        if (learn) learned = Parameter("p", Tensor.From([(float)power], 1));
    }

    protected override Tensor Forward(Tensor map)                                                     // [N, D, h, w]
    {
        Tensor x = (map.DType == DType.Float32 ? map : map.To(DType.Float32)).ClampMin(Smallest);     // x^3 has no place in bfloat16's eight bits
        Tensor largest = x.MaxOver(2, 3).Detach(), part = x / largest;                                // [N, D, 1, 1] and [N, D, h, w] in (0, 1]
        return (largest * (learned is null
            ? part.Pow(power).GlobalAveragePool().Pow(1 / power)
            : part.Pow(learned).GlobalAveragePool().Pow(learned.Reciprocal()))).Flatten();            // [N, D]
    }
}
