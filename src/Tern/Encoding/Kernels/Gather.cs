using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>
/// Gather: slices of the first input along an axis, chosen by the indices of the second; negative ones count from the end.
/// </summary>
internal static class Gather
{
    public static Kernel Build(Node node)
    {
        long stated = node.Integer("axis", 0);
        return call =>
        {
            OnnxTensor data = call[0], indices = call[1];
            int axis = call.Axis(stated, data.Rank), extent = data.Shape[axis];
            long[] chosen = call.Integers(1);
            if (Array.FindIndex(chosen, index => index < -extent || index >= extent) is var wrong and >= 0)
                throw call.Fault($"index {chosen[wrong]} into an axis of {extent}");
            OnnxTensor result = call.New(data.ElementType, [.. data.Shape[..axis], .. indices.Shape, .. data.Shape[(axis + 1)..]]);
            int block = Shapes.Product(data.Shape, axis + 1, data.Rank) * data.ElementType.Size();
            int at = 0;
            for (int outer = 0; outer < Shapes.Product(data.Shape, 0, axis); outer++)
            {
                foreach (long index in chosen)
                {
                    int from = outer * extent + (int)(index < 0 ? index + extent : index);
                    data.Bytes.Slice(from * block, block).CopyTo(result.Bytes[at..]);
                    at += block;
                }
            }
            return [result];
        };
    }
}
