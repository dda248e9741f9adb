namespace Tern.Encoding;

/// <summary>An input or output of a model as the file declares it.</summary>
/// <param name="Name">The name it is given and asked by.</param>
/// <param name="ElementType">The type of its elements, or null where the file does not say.</param>
/// <param name="Shape">Its extents, null on an axis whose extent is free (a batch); null as a whole where the file does not say.</param>
public sealed record OnnxValueInfo(string Name, OnnxElementType? ElementType, IReadOnlyList<int?>? Shape)
{
    /// <summary>The declared type and shape, as in <c>UInt8 [?, 32, 32, 3]</c>.</summary>
    public override string ToString()
    {
        string extents = Shape is null ? "..." : string.Join(", ", Shape.Select(extent => extent?.ToString() ?? "?"));
        return $"{ElementType?.ToString() ?? "?"} [{extents}]";
    }

    internal bool Accepts(OnnxTensor tensor)
    {
        if (ElementType is { } type && type != tensor.ElementType || Shape is { } rank && rank.Count != tensor.Rank)
            return false;
        for (int axis = 0; axis < (Shape?.Count ?? 0); axis++)
        {
            if (Shape![axis] is { } extent && extent != tensor.Shape[axis])
                return false;
        }
        return true;
    }
}
