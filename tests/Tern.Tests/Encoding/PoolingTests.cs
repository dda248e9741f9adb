using Tern.Encoding;

namespace Tern.Tests.Encoding;

/// <summary>Pools whose last window reaches beyond the picture.</summary>
public class PoolingTests
{
    [Theory]
    [InlineData("MaxPool", new float[] { 4 })]
    [InlineData("AveragePool", new float[] { 2.5f })]
    public void A_window_larger_than_the_picture_takes_all_of_it_where_sizes_are_rounded_up(string pool, float[] expected) =>
        Assert.Equal(expected, Run(pool, [1, 2, 3, 4], 2, 2, ceiling: true));

    [Fact]
    public void Without_rounding_up_it_is_refused() =>
        Assert.Contains("a window of 3 does not fit 2", Assert.Throws<TernException>(() => Run("MaxPool", [1, 2, 3, 4], 2, 2, ceiling: false)).Message);

    [Fact]
    public void Rounding_up_does_not_save_a_window_that_would_begin_outside() =>
        Assert.Contains("a window of 3 does not fit 1", Assert.Throws<TernException>(() => Run("MaxPool", [1, 2], 1, 2, ceiling: true)).Message);

    [Theory]
    [InlineData(true, new float[] { 7, 8, 9, 10 })]                                // windows begin at columns 0 and 2; the last holds columns 2 and 3
    [InlineData(false, new float[] { 7, 9 })]
    public void A_last_window_counts_where_sizes_are_rounded_up(bool ceiling, float[] expected)
    {
        float[] x = [1, 2, 7, 8, 3, 4, 5, 6, 0, 0, 0, 0, 1, 2, 9, 10, 3, 4, 5, 6, 0, 0, 0, 0];
        Assert.Equal(expected, Run("MaxPool", x, 3, 4, ceiling));
    }

    public static TheoryData<int, int, int, int, int> Windows()
    {
        var windows = new TheoryData<int, int, int, int, int>();
        foreach (int side in new[] { 1, 2, 5, 9 })
            foreach (int kernel in new[] { 1, 2, 3, 6 })
                foreach (int stride in new[] { 1, 2, 3 })
                    foreach (int dilation in new[] { 1, 2 })
                        foreach (int padding in new[] { 0, kernel - 1 }.Distinct().Where(padding => side + 2 * padding > (kernel - 1) * dilation))
                            windows.Add(side, kernel, stride, dilation, padding);
        return windows;
    }

    /// <summary>Against every result by itself.</summary>
    [Theory]
    [MemberData(nameof(Windows))]
    public void Maxima_are_those_of_each_window(int side, int kernel, int stride, int dilation, int padding)
    {
        int results = (side + 2 * padding - (kernel - 1) * dilation - 1) / stride + 1;
        var random = new Random(1);
        float[] x = [.. Enumerable.Range(0, side * side).Select(_ => random.NextSingle() - 2)];
        var model = new ModelBuilder(random).Input("x", OnnxElementType.Float, 1, 1, side, side);
        model.Node("MaxPool", "y", ["x"], ("kernel_shape", new long[] { kernel, kernel }), ("strides", new long[] { stride, stride }),
            ("dilations", new long[] { dilation, dilation }), ("pads", new long[] { padding, padding, padding, padding }));
        using TemporaryModel file = model.Output("y", OnnxElementType.Float, 1, 1, null, null).Save();

        float[] found = OnnxSession.Open(file.Path).Run(new Dictionary<string, OnnxTensor> { ["x"] = OnnxTensor.Create<float>(x, 1, 1, side, side) })["y"].Values<float>().ToArray();

        int[] Taps(int at) => [.. Enumerable.Range(0, kernel).Select(tap => at * stride - padding + tap * dilation).Where(place => place >= 0 && place < side)];
        Assert.Equal(
            from row in Enumerable.Range(0, results) from column in Enumerable.Range(0, results)
            select (from y in Taps(row) from i in Taps(column) select x[y * side + i]).Append(float.NegativeInfinity).Max(),
            found);
    }

    /// <summary>A 3x3 pool of stride 2 over [N, 1, height, width].</summary>
    private static float[] Run(string pool, float[] x, int height, int width, bool ceiling)
    {
        int images = x.Length / (height * width);
        var model = new ModelBuilder(new Random(1)).Input("x", OnnxElementType.Float, images, 1, height, width);
        model.Node(pool, "y", ["x"], ("kernel_shape", new long[] { 3, 3 }), ("strides", new long[] { 2, 2 }), ("ceil_mode", ceiling ? 1L : 0));
        using TemporaryModel file = model.Output("y", OnnxElementType.Float, images, 1, null, null).Save();
        return OnnxSession.Open(file.Path).Run(new Dictionary<string, OnnxTensor> { ["x"] = OnnxTensor.Create<float>(x, images, 1, height, width) })["y"].Values<float>().ToArray();
    }
}
