using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>LRN: every value over (bias + alpha / size * the sum of squares of its neighbours across channels) ^ beta.</summary>
internal static class LocalResponseNormalization
{
    public static Kernel Build(Node node)
    {
        float alpha = node.Real("alpha", 1e-4f), beta = node.Real("beta", 0.75f), bias = node.Real("bias", 1);
        long size = node.RequiredInteger("size");
        if (size is < 1 or > 1 << 16)
            throw node.Fault($"size is {size}; a positive number of channels was expected");
        return call =>
        {
            call.RequireFloat(0);
            OnnxTensor input = call[0];
            if (input.Rank < 2)
                throw call.Fault($"input {Shapes.Text(input.Shape)}; [N, C, ...] was expected");
            OnnxTensor result = call.New(OnnxElementType.Float, input.Shape);
            int image = Shapes.Product(input.Shape, 1, input.Rank);
            for (int start = 0; start < input.Length; start += image)
                Run(input.Span<float>().Slice(start, image), result.Span<float>().Slice(start, image),
                    input.Shape[1], (int)size, alpha, beta, bias);
            return [result];
        };
    }

    private static void Run(Span<float> source, Span<float> target, int channels, int size, float alpha, float beta, float bias)
    {
        int pixels = source.Length / channels;
        for (int channel = 0; channel < channels; channel++)
        {
            int first = Math.Max(0, channel - (size - 1) / 2), last = Math.Min(channels - 1, channel + size / 2);
            for (int pixel = 0; pixel < pixels; pixel++)
            {
                float sum = 0;
                for (int neighbour = first; neighbour <= last; neighbour++)
                    sum += source[neighbour * pixels + pixel] * source[neighbour * pixels + pixel];
                int at = channel * pixels + pixel;
                target[at] = source[at] / MathF.Pow(bias + alpha / size * sum, beta);
            }
        }
    }
}
