using Google.Protobuf;
using Tern.Encoding;
using Tern.Encoding.Graphs;
using Tern.Encoding.Onnx;
using Attributes = Google.Protobuf.Collections.RepeatedField<Tern.Encoding.Onnx.AttributeProto>;

namespace Tern.Tests.Encoding;

/// <summary>Writes small models. Values are named by whoever computes them; random weights come from the generator given.</summary>
internal sealed class ModelBuilder(Random random)
{
    public ModelProto Model { get; } = new()
    {
        IrVersion = 8,
        ProducerName = "tern-tests",
        Graph = new GraphProto { Name = "graph" },
        OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
    };

    private GraphProto Graph => Model.Graph;

    public ModelBuilder Input(string name, OnnxElementType type, params int?[] shape)
    {
        Graph.Input.Add(Value(name, type, shape));
        return this;
    }

    public ModelBuilder Output(string name, OnnxElementType type, params int?[] shape)
    {
        Graph.Output.Add(Value(name, type, shape));
        return this;
    }

    public string Constant(string name, OnnxTensor value)
    {
        Graph.Initializer.Add(TensorProtos.Write(value, name));
        return name;
    }

    public string Floats(string name, float[] values, params int[] shape) => Constant(name, OnnxTensor.Create<float>(values, shape));

    public string Integers(string name, params long[] values) => Constant(name, OnnxTensor.Create<long>(values, values.Length));

    /// <summary>Normal weights of the given scale around a centre.</summary>
    public string Weights(string name, double scale, double centre, params int[] shape)
    {
        int count = shape.Aggregate(1, (a, b) => a * b);
        return Floats(name, [.. Enumerable.Range(0, count).Select(_ => (float)(centre + scale * Normal()))], shape);
    }

    /// <summary>A node with one output, which is named after it.</summary>
    public string Node(string opType, string output, string[] inputs, params (string Name, object Value)[] attributes)
    {
        Graph.Node.Add(MakeNode(opType, output, inputs, attributes));
        return output;
    }

    /// <summary>A ternary layer as a call of the model-local function, with random trits. Returns them as [outputs, inputs].</summary>
    public (int[] Trits, float[] Scales, float[] Bias) Ternary(string input, string output, int inputs, int outputs)
    {
        int[] trits = [.. Enumerable.Range(0, outputs * inputs).Select(_ => random.Next(3))];
        float[] scales = [-0.7f, 0, 1.1f], bias = [.. Enumerable.Range(0, outputs).Select(_ => (float)Normal())];
        int rowBytes = (inputs + 3) / 4;
        var packed = new byte[outputs * rowBytes];
        for (int i = 0; i < trits.Length; i++)
            packed[i / inputs * rowBytes + i % inputs / 4] |= (byte)(trits[i] << i % inputs % 4 * 2);
        Constant(output + ".packed", OnnxTensor.Create<byte>(packed, outputs, rowBytes));
        Floats(output + ".scales", scales, 3);
        Floats(output + ".bias", bias, outputs);
        Integers(output + ".columns", inputs);
        NodeProto call = MakeNode("TernaryLinear", output,
            [input, output + ".packed", output + ".scales", output + ".bias", output + ".columns"]);
        call.Domain = "ai.tern";
        Graph.Node.Add(call);
        if (Model.Functions.Count == 0)
        {
            Model.Functions.Add(TernaryFunction());
            Model.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.tern", Version = 1 });
        }
        return (trits, scales, bias);
    }

    public ModelBuilder Metadata(string key, string value)
    {
        Model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return this;
    }

    public TemporaryModel Save() => new(Model);

    /// <summary>The file with its checksum in it.</summary>
    public byte[] Seal()
    {
        Metadata(ModelChecksum.Key, ModelChecksum.Placeholder);
        byte[] file = Model.ToByteArray();
        ModelChecksum.Seal(file);
        return file;
    }

    private static FunctionProto TernaryFunction()
    {
        var function = new FunctionProto { Name = "TernaryLinear", Domain = "ai.tern" };
        function.Input.Add(["x", "packed", "scales", "bias", "columns"]);
        function.Output.Add("y");
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        function.Node.Add(
        [
            MakeNode("Constant", "shifts", [], ("value", OnnxTensor.Create<byte>([0, 2, 4, 6], 4))),
            MakeNode("Constant", "four", [], ("value", OnnxTensor.Create<byte>([4]))),
            MakeNode("Constant", "last", [], ("value", OnnxTensor.Create<long>([-1], 1))),
            MakeNode("Constant", "rows", [], ("value", OnnxTensor.Create<long>([0, -1], 2))),
            MakeNode("Constant", "zero", [], ("value", OnnxTensor.Create<long>([0], 1))),
            MakeNode("Constant", "one", [], ("value", OnnxTensor.Create<long>([1], 1))),
            MakeNode("Unsqueeze", "bytes", ["packed", "last"]),
            MakeNode("BitShift", "shifted", ["bytes", "shifts"], ("direction", "RIGHT")),
            MakeNode("Mod", "trits", ["shifted", "four"]),
            MakeNode("Reshape", "padded", ["trits", "rows"]),
            MakeNode("Slice", "cut", ["padded", "zero", "columns", "one"]),
            MakeNode("Cast", "indices", ["cut"], ("to", 7L)),
            MakeNode("Gather", "weights", ["scales", "indices"]),
            MakeNode("Gemm", "y", ["x", "weights", "bias"], ("transB", 1L)),
        ]);
        return function;
    }

    private static NodeProto MakeNode(string opType, string output, string[] inputs, params (string Name, object Value)[] attributes)
    {
        var node = new NodeProto { OpType = opType, Name = output };
        node.Input.Add(inputs);
        node.Output.Add(output);
        foreach ((string name, object value) in attributes)
            Add(node.Attribute, name, value);
        return node;
    }

    private static void Add(Attributes attributes, string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case long i: (attribute.I, attribute.Type) = (i, AttributeProto.Types.AttributeType.Int); break;
            case float f: (attribute.F, attribute.Type) = (f, AttributeProto.Types.AttributeType.Float); break;
            case string s: (attribute.S, attribute.Type) = (ByteString.CopyFromUtf8(s), AttributeProto.Types.AttributeType.String); break;
            case OnnxTensor t:
                (attribute.T, attribute.Type) = (TensorProtos.Write(t, ""), AttributeProto.Types.AttributeType.Tensor);
                break;
            case long[] many:
                attribute.Ints.Add(many);
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                break;
            default: throw new ArgumentException($"{name} is a {value.GetType().Name}");
        }
        attributes.Add(attribute);
    }

    private static ValueInfoProto Value(string name, OnnxElementType type, int?[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = new TensorShapeProto() };
        foreach (int? extent in shape)
        {
            tensor.Shape.Dim.Add(extent is { } value
                ? new TensorShapeProto.Types.Dimension { DimValue = value } : new TensorShapeProto.Types.Dimension { DimParam = "N" });
        }
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    // Box and Muller 1958.
    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
