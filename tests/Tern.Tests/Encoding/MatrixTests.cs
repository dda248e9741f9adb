using System.Runtime.Intrinsics;
using FsCheck;
using FsCheck.Fluent;
using Tern.Encoding;
using Tern.Encoding.Graphs;
using Tern.Encoding.Kernels;

namespace Tern.Tests.Encoding;

/// <summary>Tile, Gemm, MatMul and Conv against the loops of their definitions, in double.</summary>
public unsafe class MatrixTests
{
    private static readonly Gen<int> Small = Gen.Choose(1, 40);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(300)]
    public void Every_register_width_gives_the_same_tile(int depth)
    {
        float[] left = Values(depth * Tile.Rows, 1), right = Values(depth * 40, 2);
        fixed (float* a = left, b = right)
        {
            Check<Lane128>(depth, a, b, twice: true);
            Check<Lane256>(depth, a, b, twice: true);
            Check<Lane256>(depth, a, b, twice: false);
            Check<Lane512>(depth, a, b, twice: false);
        }
    }

    [Fact]
    public void Gemm_equals_its_definition() => Prop.ForAll(
        Gen.Four(Small).SelectMany(sizes => Gen.Choose(0, 3), (sizes, kind) => (sizes, kind)).ToArbitrary(), sample =>
        {
            ((int m, int n, int k, int seed), int kind) = sample;
            bool transposeA = seed % 2 == 1, transposeB = seed / 2 % 2 == 1, constant = seed / 4 % 2 == 1;
            int[] biasShape = kind switch { 0 => [m, n], 1 => [n], 2 => [m, 1], _ => [] };
            float[] a = Values(m * k, seed), b = Values(k * n, seed + 1), c = Values(biasShape.Aggregate(1, (x, y) => x * y), seed + 2);
            var model = new ModelBuilder(new Random(seed)).Input("a", OnnxElementType.Float, transposeA ? [k, m] : [m, k]);
            OnnxTensor right = OnnxTensor.Create<float>(b, transposeB ? [n, k] : [k, n]);
            if (constant)
                model.Constant("b", right);
            else
                model.Input("b", OnnxElementType.Float, transposeB ? [n, k] : [k, n]);
            model.Floats("c", c, biasShape);
            model.Node("Gemm", "y", ["a", "b", "c"],
                ("alpha", 0.5f), ("beta", 2f), ("transA", transposeA ? 1L : 0), ("transB", transposeB ? 1L : 0));
            var inputs = new Dictionary<string, OnnxTensor> { ["a"] = OnnxTensor.Create<float>(a, transposeA ? [k, m] : [m, k]) };
            if (!constant)
                inputs["b"] = right;
            float[] y = Run(model.Output("y", OnnxElementType.Float, m, n), inputs);
            for (int i = 0; i < m; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    double sum = 2 * kind switch { 0 => c[i * n + j], 1 => c[j], 2 => c[i], _ => c[0] };
                    for (int l = 0; l < k; l++)
                        sum += 0.5 * a[transposeA ? l * m + i : i * k + l] * b[transposeB ? j * k + l : l * n + j];
                    Assert.Equal(sum, y[i * n + j], 1e-4);
                }
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Matrices_multiply_batch_by_batch() => Prop.ForAll(Gen.Four(Gen.Choose(1, 9)).ToArbitrary(), sizes =>
    {
        (int batch, int m, int n, int k) = sizes;
        float[] a = Values(batch * m * k, 1), b = Values(k * n, 2);
        var model = new ModelBuilder(new Random(1))
            .Input("a", OnnxElementType.Float, batch, 1, m, k).Input("b", OnnxElementType.Float, 1, k, n);
        model.Node("MatMul", "y", ["a", "b"]);
        float[] y = Run(model.Output("y", OnnxElementType.Float, batch, 1, m, n), new Dictionary<string, OnnxTensor>
        {
            ["a"] = OnnxTensor.Create<float>(a, batch, 1, m, k),
            ["b"] = OnnxTensor.Create<float>(b, 1, k, n),
        });
        for (int i = 0; i < y.Length; i++)
        {
            double sum = 0;
            for (int l = 0; l < k; l++)
                sum += (double)a[i / n * k + l] * b[l * n + i % n];
            Assert.Equal(sum, y[i], 1e-4);
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Conv_equals_its_definition() => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        ConvolutionCase c = ConvolutionCase.Random(new Random(seed));
        float[] x = Values(c.Images * c.Channels * c.Height * c.Width, 1), w = Values(c.Outputs * c.PerGroup * c.KernelY * c.KernelX, 2);
        float[] bias = Values(c.Outputs, 3);
        float[] y = Run(c.Model(w, bias), new Dictionary<string, OnnxTensor>
        {
            ["x"] = OnnxTensor.Create<float>(x, c.Images, c.Channels, c.Height, c.Width),
        });
        double[] expected = c.Plainly(x, w, bias);
        Assert.Equal(expected.Length, y.Length);
        for (int i = 0; i < y.Length; i++)
            Assert.Equal(expected[i], y[i], 1e-4);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Not_a_number_passes_through_a_merged_relu()
    {
        var model = new ModelBuilder(new Random(1)).Input("x", OnnxElementType.Float, 1, 1, 3, 4);
        model.Node("Conv", "c", ["x", model.Floats("w", [1], 1, 1, 1, 1)]);
        model.Node("Relu", "y", ["c"]);
        float[] x = [-1, float.NaN, 2, 3, 4, 5, 6, 7, -8, 9, float.NaN, -3];
        float[] y = Run(model.Output("y", OnnxElementType.Float, 1, 1, 3, 4),
            new Dictionary<string, OnnxTensor> { ["x"] = OnnxTensor.Create<float>(x, 1, 1, 3, 4) });
        Assert.Equal([0, float.NaN, 2, 3, 4, 5, 6, 7, 0, 9, float.NaN, 0], y);
    }

    private static void Check<TLane>(int depth, float* left, float* right, bool twice) where TLane : unmanaged, ILane<TLane>
    {
        int columns = 2 * TLane.Width;
        float[] tile = new float[Tile.Rows * columns];
        nint[] starts = [.. Enumerable.Range(0, depth + 1).Select(k => (nint)k * 40)];
        fixed (float* target = tile)
        fixed (nint* rows = starts)
        {
            if (twice)
                Tile.MultiplyTwice<TLane>(depth, left, right, rows, target);
            else
                Tile.MultiplyEight<TLane>(depth, left, right, rows, target);
        }
        for (int i = 0; i < tile.Length; i++)
        {
            double sum = 0;
            for (int k = 0; k < depth; k++)
                sum += (double)left[k * Tile.Rows + i / columns] * right[k * 40 + i % columns];
            Assert.Equal(sum, tile[i], 1e-4);
        }
    }

    private static float[] Run(ModelBuilder model, Dictionary<string, OnnxTensor> inputs)
    {
        using TemporaryModel file = model.Save();
        return OnnxSession.Open(file.Path).Run(inputs)["y"].Values<float>().ToArray();
    }

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }
}
