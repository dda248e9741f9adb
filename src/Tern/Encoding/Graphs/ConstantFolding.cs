using Tern.Encoding.Kernels;

namespace Tern.Encoding.Graphs;

/// <summary>Runs beforehand the nodes whose inputs are all known, so that they cost nothing at every image.</summary>
internal static class ConstantFolding
{
    /// <param name="graph">Loses the folded nodes, gains their results as constants.</param>
    /// <param name="workspace">Memory for computing them.</param>
    public static void Apply(Graph graph, Workspace workspace)
    {
        var remaining = new List<Node>();
        foreach (Node node in graph.Nodes)
        {
            if (node.Inputs.All(name => name.Length == 0 || graph.Constants.ContainsKey(name)))
                Fold(node, graph, workspace);
            else
                remaining.Add(node);
        }
        graph.Nodes.Clear();
        graph.Nodes.AddRange(remaining);
    }

    /// <summary>Tells a node which of its inputs are known.</summary>
    public static Node Bind(Node node, Graph graph)
    {
        for (int i = 0; i < node.Inputs.Length; i++)
            node.Constants[i] = graph.Constants.GetValueOrDefault(node.Inputs[i]);
        return node;
    }

    private static void Fold(Node node, Graph graph, Workspace workspace)
    {
        Kernel kernel = Operators.Build(Bind(node, graph));
        var call = new Call(node, node.Constants, new bool[node.Constants.Length], workspace);
        OnnxTensor[] results = kernel(call);
        for (int i = 0; i < node.Outputs.Length; i++)
        {
            if (results[i].Storage.Lent)
                workspace.Forget(results[i].Storage);
            if (node.Outputs[i].Length > 0)
                graph.Constants.Add(node.Outputs[i], results[i]);
        }
        call.Finish();
    }
}
