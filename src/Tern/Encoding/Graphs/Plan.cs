using Tern.Encoding.Kernels;

namespace Tern.Encoding.Graphs;

/// <summary>
/// A model ready to run: kernels in order, every value a numbered slot, and for every step the slots whose memory is free after it.
/// </summary>
internal sealed class Plan
{
    private readonly Graph graph;
    private readonly Dictionary<string, int> slots = [];
    private readonly List<Step> steps = [];

    private sealed record Step(Node Node, Kernel Kernel, int[] Inputs, int[] Outputs, int[] Last, bool[] Spent);

    private Plan(Graph graph) => this.graph = graph;

    /// <summary>Folds what is constant, merges what can be merged, packs the weights.</summary>
    public static Plan Build(Graph graph, long memoryLimit)
    {
        ConstantFolding.Apply(graph, new Workspace(memoryLimit));
        Fusion.Apply(graph);
        var plan = new Plan(graph);
        plan.AddSteps();
        foreach (string name in graph.Constants.Keys.Where(name => !plan.slots.ContainsKey(name)).ToArray())
            graph.Constants.Remove(name);                                     // packed weights and what they went through when folded
        return plan;
    }

    /// <summary>Runs the steps. The outputs still lie in the workspace: copy and return them, or let the workspace forget them.</summary>
    /// <param name="workspace">Memory for this run alone.</param>
    /// <param name="inputs">In the order of the graph's inputs, checked by the caller.</param>
    public OnnxTensor[] Run(Workspace workspace, params ReadOnlySpan<OnnxTensor> inputs)
    {
        var values = new OnnxTensor?[slots.Count];
        foreach ((string name, OnnxTensor constant) in graph.Constants)
        {
            if (slots.TryGetValue(name, out int slot))
                values[slot] = constant;
        }
        for (int i = 0; i < inputs.Length; i++)
            values[slots[graph.Inputs[i].Name]] = inputs[i];
        foreach (Step step in steps)
            Run(step, values, workspace);
        return [.. graph.Outputs.Select(output => values[slots[output.Name]]!)];
    }

    /// <summary>Gives the outputs of a run back to its workspace once they are copied.</summary>
    public static void Release(OnnxTensor[] outputs, Workspace workspace)
    {
        foreach (OnnxTensor output in outputs)
        {
            if (--output.Storage.Users == 0 && output.Storage.Lent)
                workspace.Return(output.Storage);
        }
    }

    private static void Run(Step step, OnnxTensor?[] values, Workspace workspace)
    {
        OnnxTensor?[] inputs = Array.ConvertAll(step.Inputs, slot => slot < 0 ? null : values[slot]);
        var call = new Call(step.Node, inputs, step.Spent, workspace);
        OnnxTensor[] outputs = step.Kernel(call);
        for (int i = 0; i < step.Outputs.Length; i++)
        {
            if (step.Outputs[i] < 0)
                continue;
            values[step.Outputs[i]] = outputs[i];
            outputs[i].Storage.Users++;
        }
        call.Finish();
        foreach (int slot in step.Last)
        {
            Storage storage = values[slot]!.Storage;
            values[slot] = null;
            if (--storage.Users == 0 && storage.Lent)
                workspace.Return(storage);
        }
    }

    private void AddSteps()
    {
        // Going backwards, the first step to name a value is the last to use it, and a step nobody uses is left out.
        var later = new HashSet<string>(graph.Outputs.Select(output => output.Name));
        for (int i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            Node node = graph.Nodes[i];
            if (!node.Outputs.Any(later.Contains))
                continue;
            string[] last = [..
                node.Inputs.Where(name => name.Length > 0 && !graph.Constants.ContainsKey(name) && later.Add(name)).Distinct()];
            bool[] spent = [.. node.Inputs.Select(name => last.Contains(name) && node.Inputs.Count(other => other == name) == 1)];
            string[] outputs = [.. node.Outputs.Select(name => later.Contains(name) ? name : "")];
            steps.Add(new Step(node, Operators.Build(ConstantFolding.Bind(node, graph)),
                Slots(node.Inputs), Slots(outputs), Slots(last), spent));
        }
        steps.Reverse();
        Slots([.. graph.Inputs.Concat(graph.Outputs).Select(value => value.Name)]);
    }

    private int[] Slots(string[] names) => Array.ConvertAll(names, name =>
    {
        if (name.Length == 0)
            return -1;
        if (!slots.TryGetValue(name, out int slot))
            slots.Add(name, slot = slots.Count);
        return slot;
    });
}
