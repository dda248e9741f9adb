namespace Tern.Torch;

/// <summary>
/// Frees, when disposed, every tensor made in it on this thread, except those kept (they pass to the outer scope). One scope around the body
/// of a loop is all a program needs; modules open their own, so that layers free their intermediates. Do not await inside a scope.
/// </summary>
public sealed class TensorScope : IDisposable
{
    [ThreadStatic] private static TensorScope? current;

    private readonly TensorScope? outer = current;
    private readonly List<Tensor> made = [];

    /// <summary>Opens a scope on this thread.</summary>
    public TensorScope() => current = this;

    internal static void Track(Tensor tensor)
    {
        if (current is not { } scope) return;
        tensor.Scope = scope;
        scope.made.Add(tensor);
    }

    /// <summary>Lets <paramref name="tensor"/> outlive this scope; without an outer scope it is the caller's to dispose.</summary>
    public Tensor Keep(Tensor tensor)
    {
        if (tensor.Scope != this) return tensor;
        tensor.Scope = outer;
        outer?.made.Add(tensor);
        return tensor;
    }

    /// <summary>Frees what was made here and not kept.</summary>
    public void Dispose()
    {
        if (current == this) current = outer;
        foreach (Tensor tensor in made)
            if (tensor.Scope == this) tensor.Dispose();
        made.Clear();
    }
}
