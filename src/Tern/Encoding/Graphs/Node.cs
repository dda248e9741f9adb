using Tern.Encoding.Onnx;

namespace Tern.Encoding.Graphs;

/// <summary>
/// One operator call of a model, functions already inlined. Values are known by name; an empty name is an absent input or output.
/// </summary>
/// <param name="source">The file, for messages.</param>
/// <param name="name">The node's name, or its place in the file.</param>
/// <param name="opType">The operator, with its domain when that is not ONNX's own: "Conv", "ai.tern::TernaryLinear".</param>
/// <param name="opset">The version of the operator's domain that this node follows.</param>
/// <param name="inputs">The values it reads.</param>
/// <param name="outputs">The values it computes.</param>
/// <param name="attributes">Its attributes as they are in the file.</param>
internal sealed class Node(string source, string name, string opType, int opset,
    string[] inputs, string[] outputs, AttributeProto[] attributes)
{
    private readonly Dictionary<string, AttributeProto> byName = ByName(source, name, opType, attributes);
    private readonly HashSet<string> read = [];

    public string Source => source;

    public string Name => name;

    public string OpType => opType;

    public int Opset => opset;

    public string[] Inputs => inputs;

    public string[] Outputs => outputs;

    /// <summary>Input values that are known when the model is opened, by position; null where an input is computed or absent.</summary>
    public OnnxTensor?[] Constants { get; } = new OnnxTensor?[inputs.Length];

    /// <summary>A Relu or Clip merged into this node, applied to what it computes.</summary>
    public Clamp Clamp { get; set; } = Clamp.None;

    public bool HasInput(int index) => index < inputs.Length && inputs[index].Length > 0;

    public OnnxTensor? Constant(int index) => index < Constants.Length ? Constants[index] : null;

    /// <summary>The value of an input that must be known when the model is opened.</summary>
    public OnnxTensor RequireConstant(int index, string what) =>
        Constant(index) ?? throw Fault($"its {what} must be a constant; make it an initializer of the model");

    /// <summary>The same operator between other values.</summary>
    public Node With(string[] otherInputs, string[] otherOutputs) =>
        new(source, name, opType, opset, otherInputs, otherOutputs, attributes) { Clamp = Clamp };

    public long Integer(string attribute, long otherwise) => Take(attribute) is { } a
        ? a.HasI ? a.I : throw Mistyped(attribute, "an integer") : otherwise;

    public long RequiredInteger(string attribute) => byName.ContainsKey(attribute)
        ? Integer(attribute, 0) : throw Fault($"the attribute {attribute} is missing");

    public bool Flag(string attribute, bool otherwise) => Integer(attribute, otherwise ? 1 : 0) != 0;

    public float Real(string attribute, float otherwise) => Take(attribute) is { } a
        ? a.HasF ? a.F : throw Mistyped(attribute, "a float") : otherwise;

    public long[]? Integers(string attribute) => Take(attribute) is { } a ? [.. a.Ints] : null;

    public float[]? Reals(string attribute) => Take(attribute) is { } a ? [.. a.Floats] : null;

    public string Text(string attribute, string otherwise) => Take(attribute) is { } a
        ? a.HasS ? a.S.ToStringUtf8() : throw Mistyped(attribute, "a string") : otherwise;

    public OnnxTensor? Tensor(string attribute) => Take(attribute) is { } a
        ? a.T is { } t ? TensorProtos.Read(t, $"{source}: node '{name}'") : throw Mistyped(attribute, "a tensor") : null;

    /// <summary>An attribute nobody has read could change what the operator means, so the model is refused.</summary>
    public void RequireAllAttributesRead()
    {
        if (byName.Keys.FirstOrDefault(key => !read.Contains(key)) is { } unread)
            throw Fault($"the attribute {unread} is not understood here (opset {opset})");
    }

    public TernException Fault(string problem) => new($"{source}: node '{name}' ({opType}): {problem}.");

    private TernException Mistyped(string attribute, string type) => Fault($"the attribute {attribute} should be {type}");

    private AttributeProto? Take(string attribute)
    {
        read.Add(attribute);
        return byName.GetValueOrDefault(attribute);
    }

    private static Dictionary<string, AttributeProto> ByName(string source, string name, string opType, AttributeProto[] attributes)
    {
        var result = new Dictionary<string, AttributeProto>();
        foreach (AttributeProto attribute in attributes)
        {
            if (!result.TryAdd(attribute.Name, attribute))
                throw new TernException($"{source}: node '{name}' ({opType}): the attribute {attribute.Name} is given twice.");
        }
        return result;
    }
}

/// <summary>Bounds on the results of a node: Relu is [0, inf), Relu6 is [0, 6].</summary>
internal readonly record struct Clamp(float Low, float High)
{
    public static Clamp None { get; } = new(float.NegativeInfinity, float.PositiveInfinity);

    public static Clamp Relu { get; } = new(0, float.PositiveInfinity);

    /// <summary>NaN stays NaN, as in ONNX.</summary>
    public float Apply(float value) => float.Min(High, float.Max(Low, value));
}
