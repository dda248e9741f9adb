using System.Runtime.InteropServices;
using Google.Protobuf;
using Tern.Encoding.Onnx;
using Tern.Torch;

namespace Tern.Training.Export;

/// <summary>An ONNX graph being written: nodes in order, constants by name, fresh names for values.</summary>
internal sealed class OnnxGraph
{
    private readonly GraphProto graph = new() { Name = "tern" };
    private int values;

    /// <summary>Adds a node of the default domain and returns the name of its one output.</summary>
    public string Add(string operation, string[] inputs, params AttributeProto[] attributes) => Add(operation, "", inputs, attributes);

    /// <summary>Adds a node of any domain and returns the name of its one output.</summary>
    public string Add(string operation, string domain, string[] inputs, params AttributeProto[] attributes)
    {
        string output = $"{operation.ToLowerInvariant()}_{values++}";
        var node = new NodeProto { Name = output, OpType = operation, Domain = domain };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        node.Attribute.AddRange(attributes);
        graph.Node.Add(node);
        return output;
    }

    /// <summary>Adds a constant under a name of its own and returns that name.</summary>
    public string Constant<T>(string name, ReadOnlySpan<T> data, params long[] shape) where T : unmanaged
    {
        if (graph.Initializer.All(existing => existing.Name != name))
        {
            var tensor = new TensorProto { Name = name, DataType = ElementType<T>(), RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(data)) };
            tensor.Dims.AddRange(shape);
            graph.Initializer.Add(tensor);
        }
        return name;
    }

    /// <summary>Adds a float tensor as a constant.</summary>
    public string Constant(string name, Tensor tensor) => Constant<float>(name, tensor.ToArray<float>(), tensor.Shape);

    /// <summary>Declares an input; null sizes are free and called N.</summary>
    public void Input(string name, TensorProto.Types.DataType type, params long?[] shape) => graph.Input.Add(Describe(name, type, shape));

    /// <summary>Declares an output and gives it its final name.</summary>
    public void Output(string name, string value, TensorProto.Types.DataType type, params long?[] shape)
    {
        foreach (NodeProto node in graph.Node)
        {
            Rename(node.Input, value, name);
            Rename(node.Output, value, name);
        }
        graph.Output.Add(Describe(name, type, shape));
    }

    /// <summary>The graph without what no output needs.</summary>
    public GraphProto Finish()
    {
        HashSet<string> needed = [.. graph.Output.Select(output => output.Name)];
        for (int i = graph.Node.Count - 1; i >= 0; i--)
        {
            if (graph.Node[i].Output.Any(needed.Contains)) needed.UnionWith(graph.Node[i].Input);
            else graph.Node.RemoveAt(i);
        }
        foreach (TensorProto unused in graph.Initializer.Where(tensor => !needed.Contains(tensor.Name)).ToArray()) graph.Initializer.Remove(unused);
        return graph;
    }

    public static AttributeProto Int(string name, long value) => new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

    public static AttributeProto Float(string name, double value) => new() { Name = name, F = (float)value, Type = AttributeProto.Types.AttributeType.Float };

    public static AttributeProto Text(string name, string value) =>
        new() { Name = name, S = ByteString.CopyFromUtf8(value), Type = AttributeProto.Types.AttributeType.String };

    public static AttributeProto Ints(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    private static void Rename(Google.Protobuf.Collections.RepeatedField<string> names, string from, string to)
    {
        for (int i = 0; i < names.Count; i++)
            if (names[i] == from) names[i] = to;
    }

    private static ValueInfoProto Describe(string name, TensorProto.Types.DataType type, long?[] sizes)
    {
        var shape = new TensorShapeProto();
        foreach (long? size in sizes)
            shape.Dim.Add(size is { } fix ? new TensorShapeProto.Types.Dimension { DimValue = fix } : new TensorShapeProto.Types.Dimension { DimParam = "N" });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }

    private static int ElementType<T>() => (int)(default(T) switch
    {
        float => TensorProto.Types.DataType.Float,
        long => TensorProto.Types.DataType.Int64,
        byte => TensorProto.Types.DataType.Uint8,
        _ => throw new NotSupportedException(typeof(T).Name),
    });
}
