using Tern.Encoding.Kernels;

namespace Tern.Encoding.Graphs;

/// <summary>
/// Merges a node into the one before it where nobody else sees the value between: BatchNormalization into Conv, Relu and Clip into what
/// they follow.
/// </summary>
internal static class Fusion
{
    public static void Apply(Graph graph)
    {
        Dictionary<string, int> uses = graph.CountUses();
        var producers = new Dictionary<string, int>();
        var kept = new List<Node>();
        foreach (Node next in graph.Nodes)
        {
            Node node = next;
            if (producers.TryGetValue(node.Inputs.FirstOrDefault(""), out int index) && uses[node.Inputs[0]] == 1
                && Merge(kept[index], ConstantFolding.Bind(node, graph), graph) is { } merged)
            {
                kept[index] = merged;
                node = merged;
            }
            else
            {
                index = kept.Count;
                kept.Add(node);
            }
            foreach (string output in node.Outputs)
                producers[output] = index;
        }
        graph.Nodes.Clear();
        graph.Nodes.AddRange(kept);
    }

    private static Node? Merge(Node first, Node second, Graph graph)
    {
        if (second.OpType is not ("BatchNormalization" or "Relu" or "Clip"))
            return null;
        Operators.Build(second); // A node that is merged away is checked as if it ran.
        return second.OpType switch
        {
            "BatchNormalization" when first.OpType == "Conv" && first.Clamp == Clamp.None => MergeNormalization(first, second, graph),
            "Relu" => MergeClamp(first, second, Clamp.Relu),
            "Clip" when Bounds(second) is { } clamp => MergeClamp(first, second, clamp),
            _ => null,
        };
    }

    private static Node? MergeClamp(Node first, Node second, Clamp clamp)
    {
        if (first.OpType is not ("Conv" or "Gemm" or "BatchNormalization" or FunctionInliner.TernaryLinear) || first.Clamp != Clamp.None)
            return null;
        Node merged = first.With(first.Inputs, second.Outputs);
        merged.Clamp = clamp;
        return merged;
    }

    private static Clamp? Bounds(Node clip)
    {
        if (clip.Opset < 11)
            return null;
        float? low = Bound(clip, 1, float.NegativeInfinity), high = Bound(clip, 2, float.PositiveInfinity);
        return low is { } l && high is { } h && l <= h ? new Clamp(l, h) : null;
    }

    private static float? Bound(Node clip, int index, float otherwise) => !clip.HasInput(index)
        ? otherwise
        : clip.Constant(index) is { ElementType: OnnxElementType.Float, Length: 1 } bound ? bound.Span<float>()[0] : null;

    // y = (w * x + b - mean) * scale / sqrt(variance + epsilon) + shift is again a convolution.
    private static Node? MergeNormalization(Node conv, Node normalization, Graph graph)
    {
        ConstantFolding.Bind(conv, graph);
        if (conv.Constant(1) is not { ElementType: OnnxElementType.Float, Rank: > 1 } weights
            || conv.HasInput(2) && conv.Constant(2) is not { ElementType: OnnxElementType.Float }
            || BatchNormalization.Affine.Read(normalization) is not { } affine
            || affine.Scale.Length != weights.Shape[0] || conv.HasInput(2) && conv.Constant(2)!.Length != affine.Scale.Length)
            return null;

        int channels = affine.Scale.Length;
        OnnxTensor scaled = OnnxTensor.Allocate(OnnxElementType.Float, weights.Shape);
        OnnxTensor bias = OnnxTensor.Allocate(OnnxElementType.Float, [channels]);
        int perChannel = weights.Length / Math.Max(channels, 1);
        for (int c = 0; c < channels; c++)
        {
            for (int i = c * perChannel; i < (c + 1) * perChannel; i++)
                scaled.Span<float>()[i] = weights.Span<float>()[i] * affine.Scale[c];
            bias.Span<float>()[c] = (conv.HasInput(2) ? conv.Constant(2)!.Span<float>()[c] * affine.Scale[c] : 0) + affine.Shift[c];
        }
        string output = normalization.Outputs[0];
        string[] inputs = [conv.Inputs[0], graph.AddConstant($"{output}/weights", scaled), graph.AddConstant($"{output}/bias", bias)];
        return conv.With(inputs, normalization.Outputs);
    }
}
