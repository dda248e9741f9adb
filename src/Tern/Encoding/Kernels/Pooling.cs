using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>MaxPool and AveragePool over images.</summary>
internal static class Pooling
{
    public static Kernel BuildMax(Node node)
    {
        node.Integer("storage_order", 0); // Matters for the second output only, which we do not give.
        var window = new Window(node, null);
        return call => Run(call, window, (source, _, y, x, row) => Largest(source, window, y, x, row));
    }

    public static Kernel BuildAverage(Node node)
    {
        bool countPadding = node.Flag("count_include_pad", false);
        var window = new Window(node, null);
        return call => Run(call, window, (source, padded, y, x, row) =>
        {
            for (int i = 0; i < row.Length; i++)
                row[i] = Mean(source, window, y, x + i * window.Stride.X, countPadding ? padded : null);
        });
    }

    /// <summary>The extents of one plane.</summary>
    private readonly ref struct Plane(ReadOnlySpan<float> values, int height, int width)
    {
        public readonly ReadOnlySpan<float> Values = values;
        public readonly int Height = height;
        public readonly int Width = width;
    }

    /// <summary>
    /// A row of results, the first of the window whose corner is (y, x) in the plane, perhaps outside it; the padding after it ends at padded.
    /// </summary>
    private delegate void Pool(Plane plane, (int Height, int Width) padded, int y, int x, Span<float> row);

    private static OnnxTensor[] Run(Call call, Window window, Pool pool)
    {
        call.RequireFloat(0);
        OnnxTensor input = call[0];
        if (input.Rank != 4)
            throw call.Fault($"input {Shapes.Text(input.Shape)}; images [N, C, H, W] were expected");
        int height = input.Shape[2], width = input.Shape[3];
        var output = window.Over(height, width);
        OnnxTensor result = call.New(OnnxElementType.Float, input.Shape[0], input.Shape[1], output.Height, output.Width);
        Span<float> target = result.Span<float>();
        for (int start = 0; !target.IsEmpty; start += height * width)
        {
            var plane = new Plane(input.Span<float>().Slice(start, height * width), height, width);
            for (int y = 0; y < output.Height; y++, target = target[output.Width..])
                pool(plane, (height + window.After.Bottom, width + window.After.Right),
                    y * window.Stride.Y - output.Top, -output.Left, target[..output.Width]);
        }
        return [result];
    }

    /// <summary>Tap by tap over the whole row.</summary>
    private static void Largest(Plane plane, Window window, int top, int left, Span<float> row)
    {
        row.Fill(float.NegativeInfinity);
        (int y, int rows) = Inside(top, window.Dilation.Y, window.Kernel.Y, plane.Height);
        for (; rows > 0; rows--, y += window.Dilation.Y)
        {
            ReadOnlySpan<float> source = plane.Values.Slice(y * plane.Width, plane.Width);
            for (int tap = 0; tap < window.Kernel.X; tap++)
            {
                int start = left + tap * window.Dilation.X;
                (int at, int count) = Inside(start, window.Stride.X, row.Length, plane.Width);
                foreach (ref float largest in count == 0 ? [] : row.Slice((at - start) / window.Stride.X, count))
                {
                    largest = float.Max(largest, source[at]);
                    at += window.Stride.X;
                }
            }
        }
    }

    /// <summary>
    /// The mean over the window's part inside the image or, given where that ends, over its part inside the padded image.
    /// </summary>
    private static float Mean(Plane plane, Window window, int top, int left, (int Height, int Width)? padded)
    {
        float sum = 0;
        (int y, int rows) = Inside(top, window.Dilation.Y, window.Kernel.Y, plane.Height);
        (int x, int columns) = Inside(left, window.Dilation.X, window.Kernel.X, plane.Width);
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
                sum += plane.Values[(y + i * window.Dilation.Y) * plane.Width + x + j * window.Dilation.X];
        }
        long counted = (long)rows * columns;
        if (padded is { } end)
            counted = (long)Before(top, window.Dilation.Y, window.Kernel.Y, end.Height)
                * Before(left, window.Dilation.X, window.Kernel.X, end.Width);
        return sum / Math.Max(counted, 1);
    }

    /// <summary>The taps start, start + step, ... that lie in [0, extent): where the first is, and how many.</summary>
    private static (int First, int Count) Inside(int start, int step, int taps, int extent)
    {
        int skipped = start < 0 ? (-start + step - 1) / step : 0;
        return (start + skipped * step, Math.Max(Before(start, step, taps, extent) - skipped, 0));
    }

    /// <summary>How many of the taps start, start + step, ... lie before an end.</summary>
    private static int Before(int start, int step, int taps, int end) => start >= end ? 0 : Math.Min(taps, (end - 1 - start) / step + 1);
}
