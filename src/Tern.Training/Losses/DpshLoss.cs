using Tern.Torch;
using Tern.Training.Models;

namespace Tern.Training.Losses;

/// <summary>Deep pairwise-supervised hashing: the inner product of two outputs is the log-odds that the pictures share a label.</summary>
/// <remarks>
/// Li, Wang and Kang, IJCAI 2016: -sum over pairs [s theta - ln(1 + e^theta)] + eta sum_i ||b_i - h_i||^2 with theta_ij = h_i . h_j / 2 and
/// b_i = sign(h_i), bit 0 being -1. Departures: the mean over the pairs i &lt; j of the batch, where the authors pair the batch with the last outputs of
/// all training pictures; the mean over pictures in the second part, so that the authors' eta of 50 over 5,000 pictures is 0.01 here.
/// </remarks>
/// <param name="Eta">Weight of the pull to -1 and +1.</param>
public sealed record DpshLoss(double Eta = 0.01) : Loss
{
    public override string Name => "dpsh";

    public override bool TrainsCodeOf(ModelSpec model) => true;

    /// <summary>Hash layer [N, K] and labels, to a scalar; N is at least 2.</summary>
    public override Tensor Compute(LossInput input)
    {
        Tensor h = input.Output.Hash;
        long count = h.Shape[0];
        Tensor theta = h.MatrixMultiply(h.Transpose()) / 2;                                            // [N, N]
        Tensor unlikely = (theta.Softplus() - input.Similar() * theta).UpperTriangle(1);               // -ln P(s_ij)
        return unlikely.Sum() / (count * (count - 1) / 2.0) + Eta / count * (h.Signs() - h).Pow(2).Sum();
    }

    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Eta < 0) yield return $"eta: must be at least 0; got {Eta}";
    }
}
