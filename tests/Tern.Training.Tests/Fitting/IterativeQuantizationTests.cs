using Tern.Torch;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Tests.Fitting;

public sealed class IterativeQuantizationTests : IDisposable
{
    private const int Count = 400, Width = 9, Bits = 4;
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(2, 5)]
    [InlineData(2, 6)]
    [InlineData(3, 5)]
    [InlineData(3, 6)]
    public void Corners_of_a_turned_and_moved_cube_get_codes_as_far_apart_as_they_were(int bits, ulong seed)
    {
        Tensor corners = Normal(1, Count, bits).Sign();                                                // [N, K] of -1 and +1
        Tensor embeddings = corners.MatrixMultiply(Turn(2, Width).Narrow(0, 0, bits)) * 3 + Normal(3, 1, Width);   // [N, D]
        Tensor signs = Outputs(embeddings, IterativeQuantization.Fit(embeddings, bits, seed)).Sign();
        Assert.Equal(Apart(corners), Apart(signs));
    }

    [Fact]
    public void Bits_lie_along_orthogonal_directions_around_the_mean_and_are_of_size_1()
    {
        Tensor embeddings = Normal(1, Count, Width) * Tensor.From([5f, 4, 3, 2, 1, 1, 1, 1, 1]) + 7;
        (Tensor weight, Tensor bias) = IterativeQuantization.Fit(embeddings, Bits, seed: 5);
        float[] products = weight.MatrixMultiply(weight.Transpose()).ToArray<float>();                 // [K, K]
        for (int i = 0; i < products.Length; i++) Assert.Equal(i % (Bits + 1) == 0 ? products[0] : 0, products[i], 1e-4 * products[0]);
        Tensor outputs = Outputs(embeddings, (weight, bias));
        Assert.Equal(1, outputs.Abs().Mean().Item(), 1e-4);
        Assert.All(outputs.Mean(0).ToArray<float>(), mean => Assert.Equal(0, mean, 1e-4));
    }

    [Fact]
    public void No_other_rotation_that_is_tried_loses_less()
    {
        Tensor embeddings = (Normal(1, Count, Width) * Tensor.From([5f, 4, 3, 2, 1, 1, 1, 1, 1])).Pow(3);
        (Tensor weight, Tensor bias) = IterativeQuantization.Fit(embeddings, Bits, seed: 5);
        Tensor axes = Outputs(embeddings, (weight / weight.Narrow(0, 0, 1).Pow(2).Sum().Sqrt().Item(), bias / weight.Narrow(0, 0, 1).Pow(2).Sum().Sqrt().Item()));   // [N, K], V R
        double lost = Loss(axes);
        for (ulong seed = 10; seed < 60; seed++) Assert.InRange(lost, 0, Loss(axes.MatrixMultiply(Turn(seed, Bits))));
        // The rotation it ends with is a fixed point of both steps.
        (Tensor left, Tensor right) = axes.Transpose().MatrixMultiply(axes.Sign()).SingularVectors();
        Assert.Equal(1, Loss(axes.MatrixMultiply(left.MatrixMultiply(right))) / lost, 1e-4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void Whitening_takes_its_power_of_what_the_axes_spread_by(double whitening)
    {
        Tensor embeddings = Normal(1, Count, Width) * Tensor.From([5f, 4, 3, 2, 1, 1, 1, 1, 1]) + 7;
        double[] variances = Variances(embeddings)[^Bits..];
        double[] evened = Variances(Outputs(embeddings, IterativeQuantization.Fit(embeddings, Bits, seed: 5, whitening)));
        for (int i = 0; i < Bits; i++) Assert.Equal(Math.Pow(variances[i] / variances[^1], 1 - whitening), evened[i] / evened[^1], 1e-4);
    }

    [Fact]
    public void Whitening_leaves_axes_alone_on_which_nothing_lies_apart()
    {
        Tensor embeddings = Normal(1, Count, Width) * Tensor.From([5f, 4, 0, 0, 0, 0, 0, 0, 0]);
        (Tensor weight, Tensor bias) = IterativeQuantization.Fit(embeddings, Bits, seed: 5, whitening: 1);
        Assert.All(weight.ToArray<float>().Concat(bias.ToArray<float>()), value => Assert.True(float.IsFinite(value)));
    }

    [Theory]
    [InlineData(10, 400, "got bits 10, numbers 9, pictures 400")]
    [InlineData(4, 4, "got bits 4, numbers 9, pictures 4")]
    public void More_bits_than_there_are_principal_axes_are_refused(int bits, int count, string expected)
    {
        string message = Assert.Throws<TernException>(() => IterativeQuantization.Fit(Normal(1, count, Width), bits, seed: 5)).Message;
        Assert.Contains(expected, message);
    }

    [Fact]
    public void A_training_stopped_and_started_again_ends_with_the_same_hash_layer_and_leaves_the_rest_alone()
    {
        using var folder = new TemporaryFolder();
        FitTask Task(string name, HashFit hash)
        {
            FitTask task = SmallFit.Task(folder[""], name, epochs: 2);
            return task with { Options = task.Options with { Hash = hash }, Objective = [new ContrastiveLoss()] };
        }
        HashingNetwork whole = SmallFit.Network(), parted = SmallFit.Network(), resumed = SmallFit.Network(), without = SmallFit.Network();
        SmallFit.Fit(Task("whole", HashFit.IterativeQuantization), whole);
        using (var stop = new CancellationTokenSource())
            Assert.Throws<OperationCanceledException>(() => Trainer.Fit(
                Task("parted", HashFit.IterativeQuantization), parted, null, TimeProvider.System, new SmallFit.Watch(progress => { if (progress.Step == 13) stop.Cancel(); }), stop.Token));
        SmallFit.Fit(Task("parted", HashFit.IterativeQuantization), resumed);
        SmallFit.Fit(Task("without", HashFit.Objective), without);
        Assert.Equal(Values(whole, "hash.weight"), Values(resumed, "hash.weight"));
        Assert.NotEqual(Values(whole, "hash.weight"), Values(without, "hash.weight"));
        Assert.Equal(Values(whole, "backbone.conv1.weight"), Values(without, "backbone.conv1.weight"));
    }

    /// <summary>Of rows along their principal axes, the smallest first.</summary>
    private static double[] Variances(Tensor rows)
    {
        Tensor centred = rows - rows.Mean(0), covariance = centred.Transpose().MatrixMultiply(centred), axes = covariance.Eigenvectors();
        return [.. (axes * covariance.MatrixMultiply(axes)).Sum(0).ToArray<float>().Select(value => (double)value)];
    }

    private static float[] Values(HashingNetwork network, string name) => network.StateDict[name].ToArray<float>();

    private static Tensor Normal(ulong seed, int rows, int columns)
    {
        TorchRuntime.Seed(seed);
        return Tensor.Zeros([rows, columns]).Normal_(0, 1);
    }

    private static Tensor Turn(ulong seed, int size)
    {
        (Tensor left, Tensor right) = Normal(seed, size, size).SingularVectors();
        return left.MatrixMultiply(right);
    }

    private static Tensor Outputs(Tensor embeddings, (Tensor Weight, Tensor Bias) layer) => embeddings.Linear(layer.Weight, layer.Bias);

    /// <summary>|sign(V) - V|^2.</summary>
    private static double Loss(Tensor v) => (v.Sign() - v).Pow(2).Sum().Item();

    /// <summary>Hamming distances of all pairs of rows of -1 and +1.</summary>
    private static int[] Apart(Tensor signs) => Array.ConvertAll(signs.MatrixMultiply(signs.Transpose()).ToArray<float>(), product => (int)Math.Round((signs.Shape[1] - product) / 2));
}
