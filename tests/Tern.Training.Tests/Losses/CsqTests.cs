using Tern.Torch;
using Tern.Training.Losses;

namespace Tern.Training.Tests.Losses;

public sealed class CsqTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Value_and_gradient_equal_PyTorchs()
    {
        LossInput input = LossFixture.Hashes(out Tensor hash);
        LossFixture.AssertEqualsPyTorch("csq", hash, new CsqLoss(0.5).Compute(input));
    }

    [Fact]
    public void By_hand()
    {
        // Two bits: the centre of class 1 is (+1, -1). p = 1/2 costs ln 2 and ln cosh(-1); p = 3/4 against bit 0 costs ln 4 and ln cosh(-1/2).
        Tensor hash = Tensor.From([0, Math.Log(3)], 1, 2);
        double expected = (Math.Log(2) + Math.Log(4)) / 2 + 0.1 * (Math.Log(Math.Cosh(1)) + Math.Log(Math.Cosh(0.5))) / 2;
        Assert.Equal(expected, new CsqLoss(0.1).Compute(LossFixture.Of(hash, Tensor.From([1L]), 2)).Item(), 1e-12);
    }

    [Fact]
    public void A_picture_of_several_labels_goes_to_the_majority_of_their_centres()
    {
        float[] centres = HashCentres.Of(5, 8, 1), ties = HashCentres.TieBreak(8, 1);
        double[] h = FiniteDifferences.Draw(16, 6);
        // The first picture has classes 1, 2 and 4, the second classes 0 and 3: in four bits of eight those two disagree.
        float[] targets = [0, 1, 1, 0, 1, 1, 0, 0, 1, 0];
        double expected = 0;
        int settled = 0;
        for (int k = 0; k < 8; k++)
        {
            float three = centres[8 + k] + centres[16 + k] + centres[32 + k], two = centres[k] + centres[24 + k];
            if (two == 0) settled++;
            expected += (Cost(h[k], three > 0) + Cost(h[8 + k], two == 0 ? ties[k] > 0 : two > 0)) / 16;
        }
        Tensor hash = Tensor.From(h, 2, 8);
        LossInput input = LossFixture.Of(hash, Tensor.From([0L, 0]), 5) with { Targets = Tensor.From(targets, 2, 5) };
        Assert.Equal(expected, new CsqLoss(0).Compute(input).Item(), 1e-12);
        Assert.Equal(4, settled);
        static double Cost(double h, bool bit) => Math.Log(1 + Math.Exp(bit ? -h : h));
    }

    [Fact]
    public void Gradients_agree_with_finite_differences()
    {
        Tensor labels = Tensor.From([0L, 1, 2]);
        FiniteDifferences.Check(FiniteDifferences.Draw(12, 5), [3, 4], x => new CsqLoss(0.7).Compute(LossFixture.Of(x, labels, 3)));
    }

    [Fact]
    public void Hadamard_centres_are_half_the_code_apart_and_their_negatives_follow()
    {
        Assert.Equal([1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1], HashCentres.Of(4, 4, 1));
        Assert.Equal([-1, -1, -1, -1], HashCentres.Of(5, 4, 1)[16..]);
        foreach ((int classes, int bits) in new[] { (10, 16), (16, 16), (21, 16), (100, 64), (128, 64) })
            Assert.Equal(bits / 2, Nearest(HashCentres.Of(classes, bits, 1), classes, bits));
    }

    [Theory]
    [InlineData(10, 12, 4)]
    [InlineData(21, 12, 3)]
    [InlineData(10, 48, 20)]
    [InlineData(40, 16, 4)]                                                              // a power of two, but more classes than both signs of the rows
    [InlineData(10, 100, 44)]                                                            // two words
    public void Drawn_centres_are_far_apart(int classes, int bits, int atLeast)
    {
        float[] centres = HashCentres.Of(classes, bits, 1);
        Assert.Equal(classes * bits, centres.Length);
        Assert.All(centres, value => Assert.Equal(1, Math.Abs(value)));
        Assert.InRange(Nearest(centres, classes, bits), atLeast, bits);
        Assert.InRange(centres.Average(), -0.25, 0.25);
        Assert.NotEqual(centres, HashCentres.Of(classes, bits, 2));
        Assert.Equal(centres[..bits], HashCentres.Of(classes, bits, 1)[..bits]);
    }

    [Fact]
    public void More_classes_than_codes_are_refused()
    {
        string message = Assert.Throws<TernException>(() => HashCentres.Of(9, 3, 1)).Message;
        Assert.Contains("csq: no 9 different codes of 3 bits", message);
    }

    private static int Nearest(float[] centres, int classes, int bits) =>
        (from a in Enumerable.Range(0, classes)
         from b in Enumerable.Range(0, a)
         select Enumerable.Range(0, bits).Count(k => centres[a * bits + k] != centres[b * bits + k])).Min();
}
