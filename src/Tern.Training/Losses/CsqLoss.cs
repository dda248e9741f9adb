using Tern.Torch;
using Tern.Training.Models;

namespace Tern.Training.Losses;

/// <summary>Central similarity quantisation: every picture's code goes to the code that was given to its class before training.</summary>
/// <remarks>
/// Yuan et al., CVPR 2020, with p = sigmoid(h): -1/(NK) sum [c ln p + (1 - c) ln(1 - p)] with the bits c of the picture's centre
/// (<see cref="HashCentres"/>), plus <paramref name="Quantization"/> times the mean of ln cosh(|2p - 1| - 1). A picture of several labels goes to the
/// majority of their centres in each bit, ties settled once by the seed; one without labels goes to that tie code, so leave such pictures out.
/// Departures: the mean over bits in both parts where the paper sums in the second; p = sigmoid(h) where the authors' code has (1 + tanh(h)) / 2, the same
/// with h doubled; the authors' released code replaces ln cosh(x) by x^2, about twice as much, and adds a pairwise term that the paper does not have.
/// </remarks>
/// <param name="Quantization">Weight of the pull to 0 and 1; 0.05 as in the authors' code.</param>
/// <param name="Seed">Of drawn centres and settled ties.</param>
public sealed record CsqLoss(double Quantization = 0.05, ulong Seed = 1) : Loss
{
    public override string Name => "csq";

    public override bool TrainsCodeOf(ModelSpec model) => true;

    /// <summary>Hash layer [N, K] and labels, to a scalar.</summary>
    public override Tensor Compute(LossInput input)
    {
        Tensor h = input.Output.Hash;
        (int bits, int classes) = ((int)h.Shape[1], (int)input.Targets.Shape[1]);
        Tensor centres = Tensor.From(HashCentres.Of(classes, bits, Seed), classes, bits).To(h.Device), ties = Tensor.From(HashCentres.TieBreak(bits, Seed)).To(h.Device);
        Tensor votes = input.Targets.MatrixMultiply(centres) + 0.5 * ties;                             // [N, K], whole numbers before the half
        Tensor centre = votes.GreaterThan(0).To(h.DType);                                              // [N, K] in {0, 1}
        Tensor off = (2 * h.Sigmoid() - 1).Abs() - 1;                                                  // [N, K] in [-1, 0]
        Tensor quantization = ((2 * off).Softplus() - off - Math.Log(2)).Mean();                       // ln cosh
        return h.BinaryCrossEntropyWithLogits(centre) + Quantization * quantization;
    }

    public override IEnumerable<string> Problems(int bits, int classes)
    {
        if (HashCentres.Find(classes, bits, Seed) is null) yield return $"no {classes} different codes, one for each class, were found; use more bits, or another objective such as dshPairs; got {bits} bits";
    }

    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Quantization < 0) yield return $"quantization: must be at least 0; got {Quantization}";
    }
}
