using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>Concat along an axis, of tensors of one type that agree on every other axis.</summary>
internal static class Concat
{
    public static Kernel Build(Node node)
    {
        long stated = node.RequiredInteger("axis");
        return call =>
        {
            int rank = call[0].Rank, axis = call.Axis(stated, rank);
            int[] shape = call[0].Shape.ToArray();
            for (int i = 1; i < call.Count; i++)
            {
                Binary.SameType(call, call[0], call[i]);
                if (call[i].Rank != rank
                    || Enumerable.Range(0, rank).Any(other => other != axis && call[i].Shape[other] != call[0].Shape[other]))
                    throw call.Fault($"{Shapes.Text(call[0].Shape)} and {Shapes.Text(call[i].Shape)} cannot be joined along axis {axis}");
                shape[axis] = (int)Math.Min((long)shape[axis] + call[i].Shape[axis], int.MaxValue);
            }
            OnnxTensor result = call.New(call[0].ElementType, shape);
            int outer = Shapes.Product(shape, 0, axis), inner = Shapes.Product(shape, axis + 1, rank) * result.ElementType.Size();
            int at = 0;
            for (int o = 0; o < outer; o++)
            {
                for (int i = 0; i < call.Count; i++)
                {
                    int block = call[i].Shape[axis] * inner;
                    call[i].Bytes.Slice(o * block, block).CopyTo(result.Bytes[at..]);
                    at += block;
                }
            }
            return [result];
        };
    }
}
