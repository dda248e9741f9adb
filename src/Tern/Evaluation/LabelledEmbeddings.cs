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

    /// <summary>Identity of the model they come from (<c>tern.sha256</c>), where it is known: embeddings of two models are not compared.</summary>
    public string? Model { get; init; }

    /// <summary>Some of the embeddings with their labels, in the order given; a run of consecutive ones shares the values.</summary>
    public LabelledEmbeddings Select(IReadOnlyList<int> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        Labels labels = Labels.Select(items);
        for (int i = 1; i < items.Count; i++)
            if (items[i] != items[0] + i)
                return new LabelledEmbeddings(Copy(items), Dimensions, labels) { Model = Model };
        int first = items.Count == 0 ? 0 : items[0];
        return new LabelledEmbeddings(Values.Slice(first * Dimensions, items.Count * Dimensions), Dimensions, labels) { Model = Model };
    }

    private float[] Copy(IReadOnlyList<int> items)
    {
        float[] values = new float[checked(items.Count * Dimensions)];
        for (int i = 0; i < items.Count; i++)
            Row(items[i]).CopyTo(values.AsSpan(i * Dimensions));
        return values;
    }

    internal ReadOnlySpan<float> Row(int index) => Rows(index, 1);

    internal ReadOnlySpan<float> Rows(int first, int count) => Values.Span.Slice(first * Dimensions, count * Dimensions);
}
