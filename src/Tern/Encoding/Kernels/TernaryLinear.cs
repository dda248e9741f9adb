using System.Runtime.Intrinsics;
using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>
/// TernaryLinear of domain ai.tern, run packed: weights stay two bits each in memory. x [N, I], packed uint8 [O, ceil(I/4)] (trit j of a
/// row is bits 2*(j%4).. of byte j/4: 0 = -Wn, 1 = 0, 2 = +Wp), scales [3] = (-Wn, 0, +Wp), bias [O], columns [1] = I; gives [N, O].
/// </summary>
/// <remarks>
/// The trits are laid out anew, four neighbouring outputs a byte for each input column, in the order a right panel is read in. A panel of
/// floats is then a table look-up of four weights for every byte, made when its turn comes and used for all rows of x.
/// </remarks>
internal sealed unsafe class TernaryLinear
{
    private readonly Node node;
    private readonly int outputs;
    private readonly int inputs;
    private readonly byte[] trits;
    private readonly Storage weightsOfByte;
    private readonly Storage packedRows;
    private readonly OnnxTensor bias;

    private TernaryLinear(Node node)
    {
        this.node = node;
        OnnxTensor packed = node.RequireConstant(1, "packed weights"), scales = node.RequireConstant(2, "scales");
        OnnxTensor columns = node.RequireConstant(4, "number of columns");
        bias = node.RequireConstant(3, "bias");
        if (columns.ElementType != OnnxElementType.Int64 || columns.Length != 1 || columns.Span<long>()[0] is < 0 or > int.MaxValue - 3)
            throw node.Fault("columns should be one int64, the number of inputs");
        inputs = (int)columns.Span<long>()[0];
        outputs = packed.Rank == 2 ? packed.Shape[0] : -1;
        if (packed.ElementType != OnnxElementType.UInt8 || outputs < 0 || packed.Shape[1] != (inputs + 3) / 4
            || scales.ElementType != OnnxElementType.Float || scales.Length != 3
            || bias.ElementType != OnnxElementType.Float || bias.Length != outputs)
            throw node.Fault($"packed {packed.ElementType} {Shapes.Text(packed.Shape)}, scales {Shapes.Text(scales.Shape)} and bias "
                + $"{Shapes.Text(bias.Shape)} do not belong together for {inputs} columns");
        trits = Rearrange(packed);
        packedRows = Panels.PackedRows(inputs);
        weightsOfByte = Table(scales.Span<float>());
    }

    public static Kernel Build(Node node) => new TernaryLinear(node).Run;

    private OnnxTensor[] Run(Call call)
    {
        call.RequireFloat(0);
        OnnxTensor x = call[0];
        if (x.Rank != 2 || x.Shape[1] != inputs)
            throw call.Fault($"x is {Shapes.Text(x.Shape)}; [N, {inputs}] was expected");
        int rows = x.Shape[0];
        OnnxTensor result = call.New(OnnxElementType.Float, rows, outputs);
        float* left = call.Scratch(Panels.LeftLength(rows, inputs));
        Panels.PackLeft(x.Floats, inputs, 1, rows, inputs, left);
        float* right = call.Scratch((long)inputs * Tile.Columns);
        var store = new TileStore(result.Floats, outputs, bias.Floats, 0, 1, node.Clamp);
        for (int column = 0; column < outputs; column += Tile.Columns)
        {
            Unpack(column / Tile.Columns, right);
            Panels.Multiply(left, rows, right, (nint*)packedRows.Address, inputs, column, Math.Min(Tile.Columns, outputs - column), store);
        }
        GC.KeepAlive(this);
        return [result];
    }

    private void Unpack(int panel, float* right)
    {
        int length = inputs * (Tile.Columns / 4);
        float* table = (float*)weightsOfByte.Address;
        foreach (byte four in trits.AsSpan((int)((long)panel * length), length))
        {
            Vector128.LoadAligned(table + four * 4).StoreAligned(right);
            right += 4;
        }
    }

    /// <summary>[O, ceil(I/4)] with four columns a byte, to [panel][I][Tile.Columns / 4] with four outputs a byte.</summary>
    private byte[] Rearrange(OnnxTensor packed)
    {
        var result = new byte[checked((int)(Panels.RightLength(outputs, inputs) / 4))];
        ReadOnlySpan<byte> source = packed.Span<byte>();
        int rowLength = packed.Shape[1];
        for (int output = 0; output < outputs; output++)
        {
            (int panel, int inPanel) = Math.DivRem(output, Tile.Columns);
            for (int input = 0; input < inputs; input++)
            {
                int trit = source[output * rowLength + input / 4] >> input % 4 * 2 & 3;
                if (trit == 3)
                    throw node.Fault($"the weight of output {output} and input {input} is 3; 0, 1 and 2 are ternary");
                result[(panel * inputs + input) * (Tile.Columns / 4) + inPanel / 4] |= (byte)(trit << inPanel % 4 * 2);
            }
        }
        return result;
    }

    /// <summary>The four weights a byte stands for, for all 256 bytes.</summary>
    private static Storage Table(ReadOnlySpan<float> scales)
    {
        var table = new Storage(256 * 4 * sizeof(float));
        for (int i = 0; i < 256 * 4; i++)
            ((float*)table.Address)[i] = (i / 4 >> i % 4 * 2 & 3) is var trit and < 3 ? scales[trit] : 0;
        return table;
    }
}
