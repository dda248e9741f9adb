using Tern.Torch;

namespace Tern.Training.Losses;

/// <summary>The pictures of a batch two by two: how far apart their embeddings are, and who belongs together.</summary>
/// <param name="Distance">[N, N], Euclidean, not squared; the gradient is 0 between equal embeddings, where it has no direction.</param>
/// <param name="Positive">[N, N] bool: another picture, and it shares a label.</param>
/// <param name="Negative">[N, N] bool: another picture, and it shares none.</param>
internal sealed record BatchPairs(Tensor Distance, Tensor Positive, Tensor Negative)
{
    private const double Tiny = 1e-12;

    /// <summary>Embeddings as they are.</summary>
    public static BatchPairs Of(LossInput input) => Of(input.Output.Embedding, input);

    /// <summary>Embeddings scaled to length 1: distances lie in [0, 2].</summary>
    public static BatchPairs OnSphere(LossInput input) => Of(UnitLength(input.Output.Embedding), input);

    /// <summary>[N, 1] bool: has a positive and a negative, so that it can be ranked.</summary>
    public Tensor Anchors => Positive.AnyOver(1).And(Negative.AnyOver(1));

    /// <summary>Rows [N, D] scaled to length 1; rows shorter than 1e-6, zeros among them, are made longer but not 1, with a finite gradient.</summary>
    public static Tensor UnitLength(Tensor rows) => rows / rows.Pow(2).Sum(1).ClampMin(Tiny).Sqrt().Unsqueeze(1);

    private static BatchPairs Of(Tensor embedding, LossInput input)
    {
        Tensor similar = input.Similar().GreaterThan(0);                                               // [N, N]
        Tensor another = Tensor.Identity(embedding.Shape[0]).To(embedding.Device).LessThan(1);
        return new BatchPairs(embedding.Distances(embedding), similar.And(another), similar.Not().And(another));
    }
}
