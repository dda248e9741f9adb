using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>
/// The window Conv and the pools slide over an image: kernel, stride, dilation and padding of the two axes, as a node states them.
/// </summary>
internal sealed class Window
{
    private readonly string autoPad;
    private readonly bool ceiling;
    private readonly long[] pads;

    /// <param name="node">The node whose attributes are read.</param>
    /// <param name="kernel">The kernel's extents where the node may leave them out (Conv's lie in its weights), else null.</param>
    public Window(Node node, int[]? kernel)
    {
        Node = node;
        Kernel = Pair("kernel_shape", kernel);
        Stride = Pair("strides", [1, 1]);
        Dilation = Pair("dilations", [1, 1]);
        pads = node.Integers("pads") ?? [0, 0, 0, 0];
        autoPad = node.Text("auto_pad", "NOTSET");
        ceiling = node.Flag("ceil_mode", false);
        if ((Kernel.Y - 1L) * Dilation.Y > 1 << 24 || (Kernel.X - 1L) * Dilation.X > 1 << 24)
            throw node.Fault($"a kernel of {Kernel} with dilation {Dilation} is larger than any image");
        if (autoPad is not ("NOTSET" or "SAME_UPPER" or "SAME_LOWER" or "VALID"))
            throw node.Fault($"auto_pad is {autoPad}; NOTSET, SAME_UPPER, SAME_LOWER and VALID are known");
        if (pads.Length != 4 || pads.Any(pad => pad is < 0 or > 1 << 16))
            throw node.Fault($"pads are [{string.Join(", ", pads)}]; four were expected, for two axes, none negative");
    }

    public Node Node { get; }

    /// <summary>Extents of the kernel, down and across, as the other pairs here.</summary>
    public (int Y, int X) Kernel { get; }

    public (int Y, int X) Stride { get; }

    public (int Y, int X) Dilation { get; }

    /// <summary>Output size and the padding before each axis for images of the given size.</summary>
    public (int Height, int Width, int Top, int Left) Over(int height, int width)
    {
        (int outHeight, int top) = Resolve(height, Kernel.Y, Stride.Y, Dilation.Y, pads[0], pads[2]);
        (int outWidth, int left) = Resolve(width, Kernel.X, Stride.X, Dilation.X, pads[1], pads[3]);
        return (outHeight, outWidth, top, left);
    }

    /// <summary>
    /// The padding after each axis, for averages that count it; what auto_pad adds always reaches as far as a window does.
    /// </summary>
    public (int Bottom, int Right) After => autoPad switch
    {
        "NOTSET" => ((int)pads[2], (int)pads[3]),
        "VALID" => (0, 0),
        _ => (1 << 24, 1 << 24),
    };

    private (int Output, int Before) Resolve(int input, int kernel, int stride, int dilation, long before, long after)
    {
        long extent = (kernel - 1L) * dilation + 1;
        if (autoPad.StartsWith("SAME", StringComparison.Ordinal))
        {
            long same = (input + (long)stride - 1) / stride;
            long total = Math.Max((same - 1) * stride + extent - input, 0);
            return ((int)same, (int)(autoPad == "SAME_UPPER" ? total / 2 : total - total / 2));
        }
        if (autoPad == "VALID")
            (before, after) = (0, 0);
        // With ceil_mode a window may reach beyond the end, if it begins inside the image or the padding before it.
        long room = input + before + after - extent + (ceiling ? stride - 1 : 0);
        if (room < 0)
            throw Node.Fault($"a window of {extent} does not fit {input} with padding {before} and {after}");
        long output = room / stride + 1;
        if (ceiling && (output - 1) * stride >= input + before)
            output--;
        return ((int)output, (int)before);
    }

    private (int, int) Pair(string attribute, int[]? otherwise)
    {
        long[] values = Node.Integers(attribute) ?? (otherwise is null
            ? throw Node.Fault($"the attribute {attribute} is missing") : Array.ConvertAll(otherwise, value => (long)value));
        if (values.Length != 2 || values.Any(value => value is < 1 or > 1 << 16))
            throw Node.Fault(
                $"{attribute} is [{string.Join(", ", values)}]; two positive numbers were expected: images have two axes here");
        return ((int)values[0], (int)values[1]);
    }
}
