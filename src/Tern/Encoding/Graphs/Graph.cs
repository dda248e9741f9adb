namespace Tern.Encoding.Graphs;

/// <summary>A model on its way to a <see cref="Plan"/>: plain nodes in an order they can run in, and the values known beforehand.</summary>
/// <param name="Source">The file, for messages.</param>
/// <param name="Inputs">What a caller gives.</param>
/// <param name="Outputs">What a caller gets.</param>
/// <param name="Nodes">Every value a node uses is an input, a constant or the output of a node before it.</param>
/// <param name="Constants">Initializers, and what folding adds to them.</param>
internal sealed record Graph(
    string Source,
    IReadOnlyList<OnnxValueInfo> Inputs,
    IReadOnlyList<OnnxValueInfo> Outputs,
    List<Node> Nodes,
    Dictionary<string, OnnxTensor> Constants)
{
    /// <summary>How many nodes and graph outputs use each value.</summary>
    public Dictionary<string, int> CountUses()
    {
        var uses = new Dictionary<string, int>();
        foreach (string name in Nodes.SelectMany(node => node.Inputs).Concat(Outputs.Select(output => output.Name)))
            uses[name] = uses.GetValueOrDefault(name) + 1;
        return uses;
    }

    /// <summary>Adds a constant under a name like <paramref name="name"/> that nothing else has.</summary>
    public string AddConstant(string name, OnnxTensor value)
    {
        while (!Constants.TryAdd(name, value))
            name += "'";
        return name;
    }
}
