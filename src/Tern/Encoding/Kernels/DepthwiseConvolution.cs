using System.Runtime.Intrinsics;
using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>Conv where every channel has a kernel of its own: too little arithmetic a pixel for a matrix product.</summary>
internal static unsafe class DepthwiseConvolution
{
    /// <param name="planes">The images.</param>
    /// <param name="window">The window slid over them.</param>
    /// <param name="weights">[C, kernel height, kernel width].</param>
    /// <param name="bias">[C].</param>
    /// <param name="clamp">Bounds of the results.</param>
    /// <param name="result">[N, C, H, W], written.</param>
    public static void Run(PaddedPlanes planes, Window window, float* weights, float* bias, Clamp clamp, OnnxTensor result)
    {
        int channels = result.Shape[1], height = result.Shape[2], width = result.Shape[3];
        nint taps = (nint)window.Kernel.Y * window.Kernel.X, plane = (nint)planes.Height * planes.Width;
        float* target = result.Floats;
        for (nint index = 0; index < (nint)result.Shape[0] * channels; index++)
        {
            nint channel = index % channels;
            for (int y = 0; y < height; y++, target += width)
            {
                float* source = planes.First + index * plane + (nint)y * window.Stride.Y * planes.Width;
                Row(source, planes.Width, window, weights + channel * taps, bias[channel], clamp, target, width);
            }
        }
    }

    private static void Row(
        float* source, int sourceWidth, Window window, float* weights, float bias, Clamp clamp, float* target, int width)
    {
        (int kernelY, int kernelX) = window.Kernel;
        nint across = window.Dilation.X, down = (nint)window.Dilation.Y * sourceWidth, stride = window.Stride.X;
        Vector256<float> low = Vector256.Create(clamp.Low), high = Vector256.Create(clamp.High);
        int column = 0;
        for (; stride == 1 && column <= width - Vector256<float>.Count; column += Vector256<float>.Count)
        {
            Vector256<float> sum = Vector256.Create(bias);
            float* weight = weights;
            for (int y = 0; y < kernelY; y++)
            {
                float* from = source + column + y * down;
                for (int x = 0; x < kernelX; x++, from += across)
                    sum = Vector256.MultiplyAddEstimate(Vector256.Create(*weight++), Vector256.Load(from), sum);
            }
            Vector256.MinNative(high, Vector256.MaxNative(low, sum)).Store(target + column);
        }
        for (; column < width; column++)
        {
            float sum = bias;
            float* weight = weights;
            for (int y = 0; y < kernelY; y++)
            {
                for (int x = 0; x < kernelX; x++)
                    sum += *weight++ * source[column * stride + y * down + x * across];
            }
            target[column] = clamp.Apply(sum);
        }
    }
}
