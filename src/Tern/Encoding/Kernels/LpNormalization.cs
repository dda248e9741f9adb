using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>LpNormalization: vectors along an axis over their 1- or 2-norm; the zero vector stays zero.</summary>
internal static class LpNormalization
{
    public static Kernel Build(Node node)
    {
        long stated = node.Integer("axis", -1), power = node.Integer("p", 2);
        if (power is not (1 or 2))
            throw node.Fault($"p is {power}; 1 and 2 are defined");
        return call =>
        {
            call.RequireFloat(0);
            OnnxTensor input = call[0];
            int axis = call.Axis(stated, input.Rank), count = input.Shape[axis], inner = Shapes.Product(input.Shape, axis + 1, input.Rank);
            OnnxTensor result = call.Overwrite(0);
            Span<float> source = input.Span<float>(), target = result.Span<float>();
            for (int start = 0; start < target.Length; start += count * inner)
            {
                for (int i = start; i < start + inner; i++)
                    Line(source[i..], target[i..], count, inner, power);
            }
            return [result];
        };
    }

    private static void Line(Span<float> source, Span<float> target, int count, int step, long power)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
            sum += power == 1 ? Math.Abs(source[i * step]) : (double)source[i * step] * source[i * step];
        double norm = power == 1 ? sum : Math.Sqrt(sum);
        for (int i = 0; i < count; i++)
            target[i * step] = norm == 0 ? 0 : (float)(source[i * step] / norm);
    }
}
