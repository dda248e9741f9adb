using Tern.Torch;
using Tern.Training.Losses;

namespace Tern.Training.Fitting;

/// <summary>How far apart embeddings lie when scaled to length 1: from 0, all in one point, to 2; about 1.41 where they have nothing in common.</summary>
/// <param name="Distance">Mean over the pairs of a batch.</param>
/// <param name="Spread">Standard deviation over them.</param>
/// <param name="Active">Share of anchors, or of pairs, that still cost something; the mean over ranking terms.</param>
public sealed record EmbeddingSpread(double Distance, double Spread, double Active)
{
    /// <summary>Of a batch: embeddings [N, D], and what its ranking terms say, of which there is one at least.</summary>
    internal static EmbeddingSpread Of(Tensor embedding, IReadOnlyList<Tensor> active)
    {
        using var noGrad = new NoGrad();
        Tensor unit = BatchPairs.UnitLength(embedding.Detach());
        Tensor distance = unit.Distances(unit).To(DType.Float64);                                      // [N, N], 0 on the diagonal
        double pairs = Math.Max(1, distance.Elements - embedding.Shape[0]);                            // both (i, j) and (j, i)
        double mean = distance.Sum().Item() / pairs, square = distance.Pow(2).Sum().Item() / pairs;
        return new EmbeddingSpread(mean, Math.Sqrt(Math.Max(0, square - mean * mean)), active.Average(share => share.Item()));
    }
}
