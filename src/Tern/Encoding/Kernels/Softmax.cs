using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>Softmax and LogSoftmax along an axis; before opset 13 over that axis and all behind it together.</summary>
internal static class Softmax
{
    public static Kernel Build(Node node, bool logarithm)
    {
        bool together = node.Opset < 13;
        long stated = node.Integer("axis", together ? 1 : -1);
        return call =>
        {
            call.RequireFloat(0);
            OnnxTensor input = call[0];
            int axis = together && stated == input.Rank ? input.Rank : call.Axis(stated, input.Rank);
            OnnxTensor result = call.Overwrite(0);
            int count = together ? Shapes.Product(input.Shape, axis, input.Rank) : input.Shape[axis];
            int inner = together ? 1 : Shapes.Product(input.Shape, axis + 1, input.Rank);
            Span<float> source = input.Span<float>(), target = result.Span<float>();
            for (int start = 0; start < target.Length; start += count * inner)
            {
                for (int i = start; i < start + inner; i++)
                    Line(source[i..], target[i..], count, inner, logarithm);
            }
            return [result];
        };
    }

    /// <summary>exp(x - max) / sum, or x - max - log(sum): shifting by the maximum keeps exp from overflowing.</summary>
    private static void Line(Span<float> source, Span<float> target, int count, int step, bool logarithm)
    {
        float largest = float.NegativeInfinity;
        for (int i = 0; i < count; i++)
            largest = float.Max(largest, source[i * step]);
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            float shifted = source[i * step] - largest, power = MathF.Exp(shifted);
            target[i * step] = logarithm ? shifted : power;
            sum += power;
        }
        float logSum = (float)Math.Log(sum), scale = (float)(1 / sum);
        for (int i = 0; i < count; i++)
            target[i * step] = logarithm ? target[i * step] - logSum : target[i * step] * scale;
    }
}
