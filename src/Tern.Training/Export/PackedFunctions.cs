using Google.Protobuf;
using Tern.Encoding.Onnx;
using static Tern.Training.Export.OnnxGraph;
using DataType = Tern.Encoding.Onnx.TensorProto.Types.DataType;

namespace Tern.Training.Export;

/// <summary>
/// The model-local ONNX functions of domain <c>ai.tern</c>, written as standard operators so that any runtime computes them: <c>TernaryWeight</c> and
/// <c>BinaryWeight</c> unpack a weight, <c>TernaryLinear</c> is a whole layer, which our runtime keeps packed. docs/formats.md describes them.
/// </summary>
internal static class PackedFunctions
{
    internal const string Domain = "ai.tern", TernaryLinear = "TernaryLinear", TernaryWeight = "TernaryWeight", BinaryWeight = "BinaryWeight";

    /// <summary>The definition of one of them.</summary>
    internal static FunctionProto Definition(string name) => name switch
    {
        TernaryLinear => Function(name, "y = x W' + b with W in {-Wn, 0, +Wp}, two bits a weight", ["x", "packed", "scales", "bias", "columns"], "y",
            [.. Unpack(bits: 2), Node("Gemm", "y", ["x", "weight", "bias"], Int("transB", 1))]),
        TernaryWeight => Function(name, "A weight in {-Wn, 0, +Wp}, two bits each", ["packed", "scales", "columns", "shape"], "y",
            [.. Unpack(bits: 2), Node("Reshape", "y", ["weight", "shape"])]),
        BinaryWeight => Function(name, "A weight in {-a, +a}, one bit each", ["packed", "scales", "columns", "shape"], "y",
            [.. Unpack(bits: 1), Node("Reshape", "y", ["weight", "shape"])]),
        _ => throw new ArgumentException($"no function {name}"),
    };

    /// <summary>[rows, columns] levels to [rows, ceil(columns / (8 / bits))] bytes: column j in the bits from bits (j % (8 / bits)) of its byte; unused places hold <paramref name="filler"/>.</summary>
    internal static byte[] Pack(ReadOnlySpan<byte> levels, int bits, int rows, int columns, int filler)
    {
        int perByte = 8 / bits, width = (columns + perByte - 1) / perByte;
        var packed = new byte[rows * width];
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < width * perByte; column++)
            {
                int level = column < columns ? levels[row * columns + column] : filler;
                packed[row * width + column / perByte] |= (byte)(level << (bits * (column % perByte)));
            }
        return packed;
    }

    /// <summary>packed [O, P] uint8, scales [L] and columns [1] = I to weight [O, I] float.</summary>
    private static NodeProto[] Unpack(int bits)
    {
        int perByte = 8 / bits;
        byte[] shifts = [.. Enumerable.Range(0, perByte).Select(place => (byte)(place * bits))];
        return
        [
            Constant("shifts", DataType.Uint8, shifts, perByte),
            Constant("levels", DataType.Uint8, [(byte)(1 << bits)]),
            Constant("last", DataType.Int64, BitConverter.GetBytes(-1L), 1),
            Constant("zero", DataType.Int64, BitConverter.GetBytes(0L), 1),
            Constant("one", DataType.Int64, BitConverter.GetBytes(1L), 1),
            Constant("rows", DataType.Int64, [.. BitConverter.GetBytes(0L), .. BitConverter.GetBytes(-1L)], 2),
            Node("Unsqueeze", "bytes", ["packed", "last"]),                                                // [O, P, 1]
            Node("BitShift", "shifted", ["bytes", "shifts"], Text("direction", "RIGHT")),                  // [O, P, 8 / bits]
            Node("Mod", "fields", ["shifted", "levels"]),                                                  // [O, P, 8 / bits]
            Node("Reshape", "flat", ["fields", "rows"]),                                                   // [O, P * 8 / bits]
            Node("Slice", "used", ["flat", "zero", "columns", "one"]),                                     // [O, I]
            Node("Cast", "indices", ["used"], Int("to", (long)DataType.Int64)),
            Node("Gather", "weight", ["scales", "indices"]),                                               // [O, I] float
        ];
    }

    private static FunctionProto Function(string name, string what, string[] inputs, string output, NodeProto[] nodes)
    {
        var function = new FunctionProto { Name = name, Domain = Domain, DocString = what };
        function.Input.AddRange(inputs);
        function.Output.Add(output);
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OnnxExporter.Opset });
        function.Node.AddRange(nodes);
        return function;
    }

    private static NodeProto Node(string operation, string output, string[] inputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = output };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        node.Attribute.AddRange(attributes);
        return node;
    }

    private static NodeProto Constant(string output, DataType type, byte[] data, params long[] shape)
    {
        var tensor = new TensorProto { Name = output, DataType = (int)type, RawData = ByteString.CopyFrom(data) };
        tensor.Dims.AddRange(shape);
        return Node("Constant", output, [], new AttributeProto { Name = "value", T = tensor, Type = AttributeProto.Types.AttributeType.Tensor });
    }
}
