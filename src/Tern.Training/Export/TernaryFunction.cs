using Tern.Encoding.Onnx;
using Tern.Torch.Modules;
using Tern.Training.Quantization;
using static Tern.Training.Export.OnnxGraph;

namespace Tern.Training.Export;

/// <summary>
/// The model-local ONNX function <c>ai.tern::TernaryLinear</c>: a fully connected layer whose weights are packed at two bits each, written as
/// standard operators so that any runtime computes it. docs/formats.md describes it.
/// </summary>
internal static class TernaryFunction
{
    internal const string Domain = "ai.tern", Name = "TernaryLinear";
    private const int PerByte = 4;

    /// <summary>Writes a call of the function for a layer.</summary>
    internal static string Call(OnnxGraph graph, string input, (string Name, Linear Layer) layer)
    {
        var weight = (TernaryWeight)layer.Layer.Parametrization!;
        long[] shape = layer.Layer.Weight.Shape;                                                           // [O, I]
        int outputs = (int)shape[0], inputs = (int)shape[1];
        byte[] packed = Pack(weight.Trits(layer.Layer.Weight), outputs, inputs);
        (float positive, float negative) = weight.Scales;
        float[] bias = layer.Layer.Bias?.ToArray<float>() ?? new float[outputs];
        return graph.Add(Name, Domain,
        [
            input,
            graph.Constant<byte>($"{layer.Name}.packed", packed, outputs, packed.Length / outputs),
            graph.Constant<float>($"{layer.Name}.scales", [-negative, 0, positive], 3),
            graph.Constant<float>($"{layer.Name}.bias", bias, outputs),
            graph.Constant<long>($"{layer.Name}.columns", [inputs], 1),
        ]);
    }

    /// <summary>[O, I] values of -1, 0, 1 to [O, ceil(I/4)] bytes: value + 1 of column j in bits 2(j % 4) and the next of byte j / 4; unused places hold 1.</summary>
    internal static byte[] Pack(ReadOnlySpan<sbyte> trits, int rows, int columns)
    {
        int width = (columns + PerByte - 1) / PerByte;
        var packed = new byte[rows * width];
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < width * PerByte; column++)
            {
                int trit = column < columns ? trits[row * columns + column] + 1 : 1;
                packed[row * width + column / PerByte] |= (byte)(trit << (2 * (column % PerByte)));
            }
        return packed;
    }

    /// <summary>The function's definition.</summary>
    internal static FunctionProto Definition()
    {
        var body = new FunctionProto { Name = Name, Domain = Domain, DocString = "y = x W' + b with W in {-Wn, 0, +Wp}, two bits a weight" };
        body.Input.AddRange(["x", "packed", "scales", "bias", "columns"]);
        body.Output.Add("y");
        body.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OnnxExporter.Opset });
        body.Node.AddRange(
        [
            Constant("shifts", TensorProto.Types.DataType.Uint8, [0, 2, 4, 6], PerByte),
            Constant("four", TensorProto.Types.DataType.Uint8, [PerByte]),
            Constant("last", TensorProto.Types.DataType.Int64, BitConverter.GetBytes(-1L), 1),
            Constant("zero", TensorProto.Types.DataType.Int64, BitConverter.GetBytes(0L), 1),
            Constant("one", TensorProto.Types.DataType.Int64, BitConverter.GetBytes(1L), 1),
            Constant("rows", TensorProto.Types.DataType.Int64, [.. BitConverter.GetBytes(0L), .. BitConverter.GetBytes(-1L)], 2),
            Node("Unsqueeze", "bytes", ["packed", "last"]),                                                // [O, P, 1]
            Node("BitShift", "shifted", ["bytes", "shifts"], Text("direction", "RIGHT")),                  // [O, P, 4]
            Node("Mod", "fields", ["shifted", "four"]),                                                    // [O, P, 4] in 0..2
            Node("Reshape", "flat", ["fields", "rows"]),                                                   // [O, 4P]
            Node("Slice", "trits", ["flat", "zero", "columns", "one"]),                                    // [O, I]
            Node("Cast", "indices", ["trits"], Int("to", (long)TensorProto.Types.DataType.Int64)),
            Node("Gather", "weight", ["scales", "indices"]),                                               // [O, I] float
            Node("Gemm", "y", ["x", "weight", "bias"], Int("transB", 1)),
        ]);
        return body;
    }

    private static NodeProto Node(string operation, string output, string[] inputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = output };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        node.Attribute.AddRange(attributes);
        return node;
    }

    private static NodeProto Constant(string output, TensorProto.Types.DataType type, byte[] data, params long[] shape)
    {
        var tensor = new TensorProto { Name = output, DataType = (int)type, RawData = Google.Protobuf.ByteString.CopyFrom(data) };
        tensor.Dims.AddRange(shape);
        return Node("Constant", output, [], new AttributeProto { Name = "value", T = tensor, Type = AttributeProto.Types.AttributeType.Tensor });
    }
}
