using Google.Protobuf.Collections;
using Tern.Encoding.Onnx;

namespace Tern.Encoding.Graphs;

/// <summary>Replaces calls of model-local functions by their bodies; a ternary layer stays one node, which we run packed.</summary>
internal sealed class FunctionInliner
{
    public const string TernDomain = "ai.tern";
    public const string TernaryLinear = TernDomain + "::TernaryLinear";
    private const int MaximumDepth = 16;
    private const int MaximumNodes = 1_000_000;
    private readonly string source;
    private readonly bool inlineTernary;
    private readonly Dictionary<string, FunctionProto> functions = [];
    private readonly Dictionary<string, int> opsets;
    private int count;

    public FunctionInliner(ModelFile file, bool inlineTernary)
    {
        source = file.Path;
        this.inlineTernary = inlineTernary;
        opsets = ReadOpsets(file.Proto.OpsetImport);
        foreach (FunctionProto function in file.Proto.Functions)
        {
            if (!functions.TryAdd(FullName(function.Domain, function.Name), function))
                throw new TernException($"{source}: the function {FullName(function.Domain, function.Name)} is defined twice.");
        }
    }

    /// <summary>The nodes a node of the main graph stands for, in running order.</summary>
    public IEnumerable<Node> Expand(NodeProto node, int index) =>
        Expand(node, NameOf(node, index), opsets, node.Input, node.Output, node.Attribute, depth: 0);

    private IEnumerable<Node> Expand(NodeProto node, string name, Dictionary<string, int> versions,
        IEnumerable<string> inputs, IEnumerable<string> outputs, IEnumerable<AttributeProto> attributes, int depth)
    {
        string opType = FullName(node.Domain, node.OpType);
        if (++count > MaximumNodes)
            throw new TernException($"{source}: more than {MaximumNodes} nodes once functions are expanded.");
        if (functions.TryGetValue(opType, out FunctionProto? function) && (opType != TernaryLinear || inlineTernary))
            return Inline(function, name, [.. inputs], [.. outputs], [.. attributes], depth + 1);
        return [new Node(source, name, opType, versions.GetValueOrDefault(Domain(node.Domain)),
            [.. inputs], [.. outputs], [.. attributes])];
    }

    private IEnumerable<Node> Inline(
        FunctionProto function, string caller, string[] inputs, string[] outputs, AttributeProto[] attributes, int depth)
    {
        if (depth > MaximumDepth)
            throw new TernException($"{source}: node '{caller}': functions call each other more than {MaximumDepth} deep.");
        if (inputs.Length > function.Input.Count || outputs.Length > function.Output.Count)
            throw new TernException($"{source}: node '{caller}': the function {function.Name} takes {function.Input.Count} inputs and "
                + $"gives {function.Output.Count} outputs; it is called with {inputs.Length} and {outputs.Length}.");
        var names = new Dictionary<string, string>();
        for (int i = 0; i < function.Input.Count; i++)
            names[function.Input[i]] = i < inputs.Length ? inputs[i] : "";
        for (int i = 0; i < outputs.Length; i++)
        {
            if (outputs[i].Length > 0)
                names[function.Output[i]] = outputs[i];
        }

        Dictionary<string, int> versions = ReadOpsets(function.OpsetImport);
        for (int i = 0; i < function.Node.Count; i++)
        {
            NodeProto node = function.Node[i];
            IEnumerable<string> Rename(IEnumerable<string> values) =>
                values.Select(value => value.Length == 0 ? "" : names.GetValueOrDefault(value, $"{caller}/{value}"));
            foreach (Node inner in Expand(node, $"{caller}/{NameOf(node, i)}", versions, Rename(node.Input), Rename(node.Output),
                Bind(node.Attribute, attributes), depth))
                yield return inner;
        }
    }

    // An attribute of an inner node may refer to one of the call; absent at the call means absent at the node.
    private static IEnumerable<AttributeProto> Bind(IEnumerable<AttributeProto> inner, AttributeProto[] call)
    {
        foreach (AttributeProto attribute in inner)
        {
            if (!attribute.HasRefAttrName)
                yield return attribute;
            else if (Array.Find(call, given => given.Name == attribute.RefAttrName) is { } given)
                yield return new AttributeProto(given) { Name = attribute.Name };
        }
    }

    private Dictionary<string, int> ReadOpsets(RepeatedField<OperatorSetIdProto> imports)
    {
        var versions = new Dictionary<string, int>();
        foreach (OperatorSetIdProto import in imports)
        {
            string domain = Domain(import.Domain);
            (int lowest, int highest) = domain == TernDomain ? (1, 1) : domain.Length == 0 ? (7, 17) : (0, int.MaxValue);
            if (import.Version < lowest || import.Version > highest)
                throw new TernException($"{source}: operator set '{domain}' version {import.Version}; Tern runs {lowest} to {highest}. "
                    + "Export the model for an operator set within these.");
            versions[domain] = (int)import.Version;
        }
        return versions;
    }

    private static string Domain(string domain) => domain == "ai.onnx" ? "" : domain;

    private static string FullName(string domain, string name) => Domain(domain).Length == 0 ? name : $"{domain}::{name}";

    private static string NameOf(NodeProto node, int index) => node.Name.Length > 0 ? node.Name : $"#{index}";
}
