using Tern.Torch.Native;

namespace Tern.Torch;

/// <summary>One operator as it was called. Tensors appear by the identity of their memory object, as <see cref="OperatorTrace.Identify"/> gives it.</summary>
public sealed record TracedCall(string Name, IReadOnlyList<TracedArgument> Arguments, nint Result);

/// <summary>One argument of a traced call: a tensor's identity, or a number, or a list of integers or of tensors.</summary>
public readonly record struct TracedArgument(nint Tensor, double Number = 0, long[]? Integers = null, nint[]? Tensors = null);

/// <summary>
/// Watches the operators this thread calls while it lives: run a network once on an example and its graph is in <see cref="Calls"/>.
/// Every tensor seen is held until the trace is disposed, so that an identity is never reused. An in-place operator results in its own target.
/// </summary>
public sealed class OperatorTrace : IDisposable
{
    [ThreadStatic] private static OperatorTrace? current;

    private readonly List<TracedCall> calls = [];
    private readonly List<Tensor> held = [];
    private bool paused;

    public OperatorTrace() => current = this;

    internal static OperatorTrace? Current => current is { paused: false } trace ? trace : null;

    /// <summary>The calls so far, in order.</summary>
    public IReadOnlyList<TracedCall> Calls => calls;

    /// <summary>The identity under which <paramref name="tensor"/> appears in <see cref="Calls"/>.</summary>
    public static nint Identify(Tensor tensor) => tensor.Handle;

    /// <summary>The sizes of a tensor that was seen, by the identity under which it appears in <see cref="Calls"/>.</summary>
    public long[] Shape(nint tensor) => held.First(seen => Identify(seen) == tensor).Shape;

    /// <summary>Runs <paramref name="body"/> unseen and records it as one call of <paramref name="name"/>: how a layer of our own appears in the graph.</summary>
    public static Tensor AsOne(string name, Func<Tensor> body, params ReadOnlySpan<Argument> arguments)
    {
        if (Current is not { } trace) return body();
        trace.paused = true;
        Tensor result;
        try { result = body(); }
        finally { trace.paused = false; }
        trace.Record(name, arguments, result);
        return result;
    }

    /// <summary>Records nothing from here on; what was seen stays held.</summary>
    public void Stop() => current = null;

    public void Dispose()
    {
        Stop();
        foreach (Tensor tensor in held) tensor.Dispose();
    }

    internal void Record(string name, ReadOnlySpan<Argument> arguments, Tensor result)
    {
        var traced = new TracedArgument[arguments.Length];
        for (int i = 0; i < arguments.Length; i++) traced[i] = Describe(arguments[i]);
        calls.Add(new TracedCall(name, traced, Hold(result)));
    }

    private TracedArgument Describe(Argument argument) => argument.Tag switch
    {
        Tag.Tensor => new TracedArgument(Hold(argument.AsTensor!)),
        Tag.Ints => new TracedArgument(0, Integers: (long[])argument.Reference!),
        Tag.Tensors => new TracedArgument(0, Tensors: Array.ConvertAll((Tensor?[])argument.Reference!, tensor => Hold(tensor!))),
        _ => new TracedArgument(0, argument.AsDouble),
    };

    private nint Hold(Tensor tensor)
    {
        paused = true;
        held.Add(tensor.Alias().Unscope());
        paused = false;
        return Identify(tensor);
    }
}
