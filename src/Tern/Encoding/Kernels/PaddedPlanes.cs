namespace Tern.Encoding.Kernels;

/// <summary>Images with their border of zeros written out, so that a convolution reads every window without looking where it is.</summary>
internal readonly unsafe struct PaddedPlanes
{
    private PaddedPlanes(float* first, int height, int width)
    {
        First = first;
        Height = height;
        Width = width;
    }

    /// <summary>The first plane; the others follow, one for each channel of each image.</summary>
    public float* First { get; }

    public int Height { get; }

    public int Width { get; }

    /// <summary>The planes of <paramref name="images"/> [N, C, H, W] as far as the window's output of the given size reads them.</summary>
    public static PaddedPlanes Of(Call call, OnnxTensor images, Window window, (int Height, int Width, int Top, int Left) output)
    {
        int height = images.Shape[2], width = images.Shape[3];
        int needHeight = checked((output.Height - 1) * window.Stride.Y + (window.Kernel.Y - 1) * window.Dilation.Y + 1);
        int needWidth = checked((output.Width - 1) * window.Stride.X + (window.Kernel.X - 1) * window.Dilation.X + 1);
        if (output.Top == 0 && output.Left == 0 && needHeight <= height && needWidth <= width)
            return new PaddedPlanes(images.Floats, height, width);

        int planes = images.Shape[0] * images.Shape[1];
        float* padded = call.Scratch((long)planes * needHeight * needWidth);
        int rows = Math.Clamp(needHeight - output.Top, 0, height), columns = Math.Clamp(needWidth - output.Left, 0, width);
        for (nint plane = 0; plane < planes; plane++)
        {
            float* target = padded + plane * needHeight * needWidth;
            float* source = images.Floats + plane * height * width;
            new Span<float>(target, needHeight * needWidth).Clear();
            for (int y = 0; y < rows; y++)
                new Span<float>(source + (nint)y * width, columns)
                    .CopyTo(new Span<float>(target + (nint)(output.Top + y) * needWidth + output.Left, columns));
        }
        return new PaddedPlanes(padded, needHeight, needWidth);
    }
}
