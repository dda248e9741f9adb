using System.Collections.Concurrent;
using Tern.Encoding.Graphs;

namespace Tern.Encoding;

/// <summary>
/// Any ONNX model within the supported operators (operator sets 7 to 17, float32), opened once and run many times. Safe to use from
/// several threads at once; each run uses one.
/// </summary>
public sealed class OnnxSession
{
    private readonly string source;
    private readonly Graph graph;
    private readonly Plan plan;
    private readonly long memoryLimit;
    private readonly ConcurrentBag<Workspace> idle = [];

    private OnnxSession(ModelFile file, EncoderOptions options)
    {
        source = file.Path;
        Metadata = file.Metadata;
        Identity = file.Identity;
        memoryLimit = options.MemoryLimit;
        graph = GraphReader.Read(file, options.InlineTernary);
        plan = Plan.Build(graph, memoryLimit);
    }

    /// <summary>What a run must be given. Initializers that older files list as inputs are not among them.</summary>
    public IReadOnlyList<OnnxValueInfo> Inputs => graph.Inputs;

    /// <summary>What a run returns.</summary>
    public IReadOnlyList<OnnxValueInfo> Outputs => graph.Outputs;

    /// <summary>The file's metadata_props.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>
    /// 64 hexadecimal digits that identify the model: its tern.sha256 where it has one, the SHA-256 of the file elsewhere.
    /// </summary>
    public string Identity { get; }

    /// <summary>Opens a model file, <c>.onnx</c> or <c>.onnx.br</c>. Everything that can be checked without an input is checked now.</summary>
    /// <exception cref="TernException">The file cannot be read, is damaged, or holds something that is not supported; the message says
    /// what.</exception>
    public static OnnxSession Open(string path, EncoderOptions? options = null)
    {
        options ??= new EncoderOptions();
        return new OnnxSession(ModelFile.Read(path, options.MemoryLimit), options);
    }

    /// <summary>Runs the model on one value for each of <see cref="Inputs"/>.</summary>
    /// <exception cref="TernException">An input is missing, unknown, or of another type or shape than the model wants.</exception>
    public IReadOnlyDictionary<string, OnnxTensor> Run(IReadOnlyDictionary<string, OnnxTensor> inputs)
    {
        if (inputs.Keys.FirstOrDefault(name => !Inputs.Any(input => input.Name == name)) is { } unknown)
            throw new TernException(
                $"{source}: the model has no input '{unknown}'; it has {string.Join(", ", Inputs.Select(i => i.Name))}.");
        OnnxTensor[] ordered = [.. Inputs.Select(input => inputs.TryGetValue(input.Name, out OnnxTensor? value)
            ? value : throw new TernException($"{source}: the input '{input.Name}' ({input}) is missing."))];
        Workspace workspace = Borrow();
        OnnxTensor[] outputs = Run(workspace, ordered);
        foreach (OnnxTensor output in outputs)
        {
            if (output.Storage.Lent)
                workspace.Forget(output.Storage);
        }
        Return(workspace);
        var named = new Dictionary<string, OnnxTensor>();
        for (int i = 0; i < outputs.Length; i++)
            named[Outputs[i].Name] = outputs[i];
        return named;
    }

    /// <summary>A workspace nobody else uses. One that a failed run has left in disorder is simply not returned.</summary>
    internal Workspace Borrow() => idle.TryTake(out Workspace? workspace) ? workspace : new Workspace(memoryLimit);

    internal void Return(Workspace workspace) => idle.Add(workspace);

    /// <summary>Runs on inputs in the order of <see cref="Inputs"/>; the outputs still belong to the workspace.</summary>
    internal OnnxTensor[] Run(Workspace workspace, params ReadOnlySpan<OnnxTensor> inputs)
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            if (!Inputs[i].Accepts(inputs[i]))
                throw new TernException($"{source}: the input '{Inputs[i].Name}' should be {Inputs[i]}; "
                    + $"got {inputs[i].ElementType} {Shapes.Text(inputs[i].Shape)}.");
        }
        return plan.Run(workspace, inputs);
    }
}
