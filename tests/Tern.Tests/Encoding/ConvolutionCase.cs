using Tern.Encoding;

namespace Tern.Tests.Encoding;

/// <summary>
/// One convolution of random shape: groups, strides, dilations, padding, followed by BatchNormalization and Relu6 or not.
/// </summary>
internal sealed record ConvolutionCase(
    int Images, int Groups, int PerGroup, int Outputs, int Height, int Width, int KernelY, int KernelX,
    int Stride, int Dilation, int Top, int Left, int Bottom, int Right, bool Normalised)
{
    public int Channels => Groups * PerGroup;

    public static ConvolutionCase Random(Random random)
    {
        // One in three is depthwise, one in three of kernel 1x1: both have paths of their own.
        int kind = random.Next(3), groups = kind == 0 ? random.Next(1, 9) : random.Next(1, 4);
        int kernelY = kind == 1 ? 1 : random.Next(1, 5), kernelX = kind == 1 ? 1 : random.Next(1, 5), dilation = random.Next(1, 3);
        int Pad(int kernel) => kind == 1 && random.Next(2) == 0 ? 0 : random.Next(kernel + 1);
        return new ConvolutionCase(random.Next(1, 4), groups, kind == 0 ? 1 : random.Next(1, 7),
            groups * (kind == 0 ? 1 : random.Next(1, 12)),
            random.Next(kernelY * dilation, 24), random.Next(kernelX * dilation, 24),
            kernelY, kernelX, kind == 1 ? 1 : random.Next(1, 4), dilation,
            Pad(kernelY), Pad(kernelX), Pad(kernelY), Pad(kernelX), random.Next(2) == 0);
    }

    private int OutHeight => (Height + Top + Bottom - (KernelY - 1) * Dilation - 1) / Stride + 1;

    private int OutWidth => (Width + Left + Right - (KernelX - 1) * Dilation - 1) / Stride + 1;

    public ModelBuilder Model(float[] weights, float[] bias)
    {
        var model = new ModelBuilder(new Random(1)).Input("x", OnnxElementType.Float, null, Channels, Height, Width);
        model.Node("Conv", Normalised ? "conv" : "y",
            ["x", model.Floats("w", weights, Outputs, PerGroup, KernelY, KernelX), model.Floats("b", bias, Outputs)],
            ("group", (long)Groups), ("strides", new long[] { Stride, Stride }), ("dilations", new long[] { Dilation, Dilation }),
            ("pads", new long[] { Top, Left, Bottom, Right }));
        if (Normalised)
        {
            model.Node("BatchNormalization", "normal", ["conv",
                model.Floats("scale", PerOutput(Scale), Outputs), model.Floats("shift", PerOutput(Shift), Outputs),
                model.Floats("mean", PerOutput(Mean), Outputs), model.Floats("variance", PerOutput(Variance), Outputs)], ("epsilon", 0f));
            model.Node("Clip", "y", ["normal", model.Floats("low", [0]), model.Floats("high", [6])]);
        }
        return model.Output("y", OnnxElementType.Float, null, Outputs, OutHeight, OutWidth);
    }

    public double[] Plainly(float[] x, float[] weights, float[] bias)
    {
        var result = new double[Images * Outputs * OutHeight * OutWidth];
        for (int at = 0; at < result.Length; at++)
        {
            int column = at % OutWidth, row = at / OutWidth % OutHeight,
                output = at / (OutWidth * OutHeight) % Outputs, image = at / (OutWidth * OutHeight * Outputs);
            double sum = bias[output] + Window(x, weights, image, output, row, column);
            result[at] = Normalised
                ? Math.Clamp((sum - Mean(output)) / Math.Sqrt(Variance(output)) * Scale(output) + Shift(output), 0, 6) : sum;
        }
        return result;
    }

    private double Window(float[] x, float[] weights, int image, int output, int row, int column)
    {
        double sum = 0;
        int firstChannel = output / (Outputs / Groups) * PerGroup;
        for (int c = 0; c < PerGroup; c++)
        {
            for (int i = 0; i < KernelY; i++)
            {
                for (int j = 0; j < KernelX; j++)
                {
                    int y = row * Stride + i * Dilation - Top, across = column * Stride + j * Dilation - Left;
                    if (y >= 0 && y < Height && across >= 0 && across < Width)
                        sum += (double)x[((image * Channels + firstChannel + c) * Height + y) * Width + across]
                            * weights[((output * PerGroup + c) * KernelY + i) * KernelX + j];
                }
            }
        }
        return sum;
    }

    private static float Scale(int output) => 1 + output % 3;

    private static float Shift(int output) => output % 5 * 0.5f;

    private static float Mean(int output) => output % 2 * 0.25f;

    private static float Variance(int output) => 0.25f + output % 4;

    private float[] PerOutput(Func<int, float> value) => [.. Enumerable.Range(0, Outputs).Select(value)];
}
