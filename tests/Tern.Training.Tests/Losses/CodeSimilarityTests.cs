using Tern.Torch;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Tests.Losses;

public sealed class CodeSimilarityTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    /// <summary>
    /// Codes (1, -1) and (-1, -1) have similarity 0, the embeddings (5, 0) and (3, 4) have 0.6: (0.36 + 0.36) / 2. The penalty is 0.1 (|3 - 1|^3 + |0 + 1|^3 + 0 + |-2 + 1|^3) / 4.
    /// </summary>
    [Fact]
    public void By_hand()
    {
        Tensor hash = Tensor.From([3f, 0, -1, -2], 2, 2), embedding = Tensor.From([5f, 0, 3, 4], 2, 2);
        Assert.Equal(0.36 + 0.25, new CodeSimilarityLoss().Compute(Input(hash, Tensor.Zeros([2, 2]), embedding)).Item(), 1e-6);
        Assert.Equal(0.36, new CodeSimilarityLoss(SimilaritySource.Own, Alpha: 0).Compute(Input(hash, embedding, null)).Item(), 1e-6);
    }

    [Fact]
    public void The_hash_layer_gets_the_gradient_of_the_code_and_of_the_penalty()
    {
        const int Count = 5, Bits = 6;
        const double Alpha = 0.3;
        double[] h = FiniteDifferences.Draw(Count * Bits, 1), codes = Array.ConvertAll(h, value => value > 0 ? 1.0 : -1), embeddings = FiniteDifferences.Draw(Count * 3, 2);
        Tensor similar = Cosines(Tensor.From(embeddings, Count, 3));
        Tensor point = Tensor.From(codes, Count, Bits), hash = Tensor.From(h, Count, Bits);
        point.RequiresGrad = hash.RequiresGrad = true;
        Func<Tensor, Tensor> ofCodes = b => (b.MatrixMultiply(b.Transpose()) / Bits - similar).Pow(2).Sum() / (Count * (Count - 1));
        FiniteDifferences.Check(codes, [Count, Bits], ofCodes);
        ofCodes(point).Backward();
        new CodeSimilarityLoss(Alpha: Alpha).Compute(Input(hash, Tensor.Zeros([Count, 3]), Tensor.From(embeddings, Count, 3))).Backward();
        double[] expected = [.. point.Gradient!.ToArray<double>().Select((value, i) => value + Alpha * 3 * Math.Pow(h[i] - codes[i], 2) * Math.Sign(h[i] - codes[i]) / (Count * Bits))];
        Assert.All(expected.Zip(hash.Gradient!.ToArray<double>()), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    [Fact]
    public void Its_own_embedding_gets_no_gradient()
    {
        Tensor hash = Tensor.RandomNormal(4, 8), embedding = Tensor.RandomNormal(4, 3);
        hash.RequiresGrad = embedding.RequiresGrad = true;
        new CodeSimilarityLoss(SimilaritySource.Own).Compute(Input(hash, embedding, null)).Backward();
        Assert.NotNull(hash.Gradient);
        Assert.Null(embedding.Gradient);
    }

    [Fact]
    public void A_picture_alone_and_embeddings_of_zero_have_a_finite_gradient()
    {
        foreach (int count in new[] { 1, 3 })
        {
            Tensor hash = Tensor.RandomNormal(count, 8);
            hash.RequiresGrad = true;
            new CodeSimilarityLoss().Compute(Input(hash, Tensor.Zeros([count, 2]), Tensor.Zeros([count, 2]))).Backward();
            Assert.True(hash.Gradient!.AllFinite());
        }
    }

    [Fact]
    public void Only_a_teachers_embeddings_need_a_teacher_and_the_weight_of_the_penalty_has_a_sign()
    {
        Assert.True(new CodeSimilarityLoss().NeedsTeacher);
        Assert.False(new CodeSimilarityLoss(SimilaritySource.Own).NeedsTeacher);
        Assert.Equal("alpha: must be at least 0; got -1", Assert.Single(new CodeSimilarityLoss(Alpha: -1).Problems()));
    }

    private static Tensor Cosines(Tensor rows)
    {
        Tensor unit = rows / rows.Pow(2).Sum(1).Sqrt().Unsqueeze(1);
        return unit.MatrixMultiply(unit.Transpose());
    }

    private static LossInput Input(Tensor hash, Tensor embedding, Tensor? teacher)
    {
        long count = hash.Shape[0];
        Tensor logits = Tensor.Zeros([count, 2]);
        return new LossInput(new NetworkOutput(embedding, hash, logits), Tensor.From(new long[count]), teacher is null ? null : new NetworkOutput(teacher, hash, logits));
    }
}
