using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>What an operator does when its turn comes: reads inputs from the call, returns its outputs.</summary>
internal delegate OnnxTensor[] Kernel(Call call);

/// <summary>One execution of one node: its inputs, and memory for what it computes.</summary>
/// <param name="node">The node that runs.</param>
/// <param name="inputs">Its inputs by position, null where absent.</param>
/// <param name="spent">Which inputs nobody reads after this node.</param>
/// <param name="workspace">Where memory comes from.</param>
internal sealed class Call(Node node, OnnxTensor?[] inputs, bool[] spent, Workspace workspace)
{
    private readonly List<Storage> rented = [];

    public OnnxTensor this[int index] => inputs[index]!;

    public int Count => inputs.Length;

    public OnnxTensor? Optional(int index) => index < inputs.Length ? inputs[index] : null;

    /// <summary>A tensor for a result; its values are arbitrary until the kernel writes them all.</summary>
    public OnnxTensor New(OnnxElementType type, params ReadOnlySpan<int> shape) =>
        new(type, shape.ToArray(), Rent(Shapes.Count(shape), type.Size(), shape));

    /// <summary>A tensor of the type and shape of an input, in the same memory where nobody needs that input any more.</summary>
    public OnnxTensor Overwrite(int index)
    {
        OnnxTensor input = this[index];
        return MayOverwrite(index) ? input : New(input.ElementType, input.Shape);
    }

    public bool MayOverwrite(int index) => spent[index] && inputs[index]!.Storage is { Lent: true, Users: 1 };

    /// <summary>Room for floats that this call alone uses, 64-byte aligned.</summary>
    public unsafe float* Scratch(long length) => (float*)Rent(length, sizeof(float), [(int)Math.Min(length, int.MaxValue)]).Address;

    public TernException Fault(string problem) => node.Fault(problem);

    /// <summary>Throws unless every listed input holds floats.</summary>
    public void RequireFloat(params ReadOnlySpan<int> positions)
    {
        foreach (int position in positions)
        {
            if (Optional(position) is { ElementType: not OnnxElementType.Float } wrong)
                throw Fault($"input {position} is {wrong.ElementType}; this operator runs on Float here");
        }
    }

    /// <summary>The integers of an input of type int64 or int32: axes, shapes, sizes, indices.</summary>
    public long[] Integers(int index) => this[index] switch
    {
        { ElementType: OnnxElementType.Int64 } tensor => tensor.Span<long>().ToArray(),
        { ElementType: OnnxElementType.Int32 } tensor => Array.ConvertAll(tensor.Span<int>().ToArray(), value => (long)value),
        var tensor => throw Fault($"input {index} is {tensor.ElementType}; integers were expected"),
    };

    /// <summary>An axis counted from either end as one counted from the front.</summary>
    public int Axis(long axis, int rank)
    {
        int result = Shapes.Axis(axis, rank);
        return result >= 0 ? result : throw Fault($"axis {axis} of a tensor with {rank} axes");
    }

    /// <summary>Gives back what was lent to this call and is no value of the run: scratch, what lay between two of its steps, results nobody reads.</summary>
    public void Finish()
    {
        foreach (Storage storage in rented)
        {
            if (storage is { Lent: true, Users: 0 })
                workspace.Return(storage);
        }
    }

    private Storage Rent(long count, int size, ReadOnlySpan<int> shape)
    {
        Storage storage = (count <= Storage.Largest ? workspace.Rent(count * size) : null) ?? throw Fault(
            $"{Shapes.Text(shape)} elements of {size} bytes more than the memory limit of {workspace.Limit} bytes allows; "
            + "run fewer images at a time or raise the limit");
        rented.Add(storage);
        return storage;
    }
}
