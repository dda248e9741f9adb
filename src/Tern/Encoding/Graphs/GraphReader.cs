using Tern.Encoding.Kernels;
using Tern.Encoding.Onnx;

namespace Tern.Encoding.Graphs;

/// <summary>
/// Turns a parsed file into a <see cref="Graph"/>, refusing what we could not run: nothing about a model waits for its first run to fail.
/// </summary>
internal sealed class GraphReader
{
    private readonly string source;
    private readonly GraphProto proto;
    private readonly FunctionInliner inliner;
    private readonly Dictionary<string, OnnxTensor> constants = [];
    private readonly HashSet<string> known = [];
    private readonly List<Node> nodes = [];

    private GraphReader(ModelFile file, bool inlineTernary)
    {
        source = file.Path;
        proto = file.Proto.Graph;
        inliner = new FunctionInliner(file, inlineTernary);
    }

    /// <param name="file">The model.</param>
    /// <param name="inlineTernary">Run TernaryLinear by its function body instead of packed, to compare the two.</param>
    public static Graph Read(ModelFile file, bool inlineTernary) => new GraphReader(file, inlineTernary).Read();

    private Graph Read()
    {
        foreach (TensorProto initializer in proto.Initializer)
            Define(initializer.Name, "initializer", () => constants.Add(initializer.Name, TensorProtos.Read(initializer, source)));

        // Before IR version 4 every initializer was an input too; such an input is a constant to us.
        List<OnnxValueInfo> inputs = [.. proto.Input.Where(input => !constants.ContainsKey(input.Name)).Select(ReadValueInfo)];
        foreach (OnnxValueInfo input in inputs)
            Define(input.Name, "input", null);
        foreach (Node node in proto.Node.SelectMany((node, index) => inliner.Expand(node, index)))
            Add(node);

        List<OnnxValueInfo> outputs = [.. proto.Output.Select(ReadValueInfo)];
        if (outputs.Count == 0)
            throw new TernException($"{source}: the model has no output.");
        foreach (OnnxValueInfo output in outputs)
        {
            if (!known.Contains(output.Name))
                throw new TernException($"{source}: no node computes the output '{output.Name}'.");
        }
        return new Graph(source, inputs, outputs, nodes, constants);
    }

    private void Add(Node node)
    {
        Operators.Require(node);
        foreach (string input in node.Inputs)
        {
            if (input.Length > 0 && !known.Contains(input))
                throw node.Fault($"its input '{input}' is not computed before it; ONNX wants nodes in running order");
        }
        foreach (string output in node.Outputs.Where(output => output.Length > 0))
            Define(output, $"output of node '{node.Name}'", null);
        nodes.Add(node);
    }

    private void Define(string name, string what, Action? then)
    {
        if (name.Length == 0)
            throw new TernException($"{source}: an {what} without a name.");
        if (!known.Add(name))
            throw new TernException($"{source}: the value '{name}' is defined twice, the second time as {what}.");
        then?.Invoke();
    }

    private OnnxValueInfo ReadValueInfo(ValueInfoProto info)
    {
        if (info.Type is null)
            return new OnnxValueInfo(info.Name, null, null);
        if (info.Type.TensorType is not { } tensor)
            throw new TernException($"{source}: '{info.Name}' is not a tensor; sequences, maps and optionals are not supported.");
        OnnxElementType? type = ElementTypes.FromNumber(tensor.ElemType);
        if (type is null && tensor.ElemType != 0)
            throw new TernException($"{source}: '{info.Name}' has element type {TensorProtos.TypeName(tensor.ElemType)}; "
                + "Tern runs float32 models. Export the model in float32.");
        return new OnnxValueInfo(info.Name, type,
            tensor.Shape is null ? null : [.. tensor.Shape.Dim.Select(dim => Extent(info.Name, dim))]);
    }

    private int? Extent(string name, TensorShapeProto.Types.Dimension dimension)
    {
        if (!dimension.HasDimValue)
            return null;
        if (dimension.DimValue is < 0 or > int.MaxValue)
            throw new TernException($"{source}: '{name}' has a dimension of {dimension.DimValue}; the file is damaged.");
        return (int)dimension.DimValue;
    }
}
