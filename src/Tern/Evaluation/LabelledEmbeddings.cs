namespace Tern.Evaluation;

/// <summary>Float embeddings with what is known about each.</summary>
public sealed record LabelledEmbeddings
{
    // Squares of larger values could not be added up in a float.
    private const float Largest = 1e15f;

    /// <summary>Pairs row i of values [count, dimensions] with label i.</summary>
    /// <exception cref="TernException">The lengths do not fit, or a value is not finite (or beyond 1e15).</exception>
    public LabelledEmbeddings(ReadOnlyMemory<float> values, int dimensions, Labels labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (dimensions < 1)
            throw new TernException($"An embedding has at least 1 dimension; got {dimensions}.");
        if (values.Length != (long)labels.Count * dimensions)
            throw new TernException(
                $"{labels.Count} labels and {dimensions} dimensions need {(long)labels.Count * dimensions} values; got {values.Length}.");
        ReadOnlySpan<float> span = values.Span;
        for (int i = 0; i < span.Length; i++)
            if (!(Math.Abs(span[i]) <= Largest))
                throw new TernException($"Embedding {i / dimensions} holds {span[i]}; the network that made it has diverged.");
        Values = values;
        Dimensions = dimensions;
        Labels = labels;
    }

    /// <summary>Row-major values, [Labels.Count, Dimensions].</summary>
    public ReadOnlyMemory<float> Values { get; }

    /// <summary>Length of one embedding.</summary>
    public int Dimensions { get; }

    /// <summary>The labels of the rows.</summary>
    public Labels Labels { get; }

    internal ReadOnlySpan<float> Row(int index) => Values.Span.Slice(index * Dimensions, Dimensions);
}
