using Tern.Codes;

namespace Tern.Evaluation;

/// <summary>Codes with what is known about each.</summary>
public sealed record LabelledCodes
{
    /// <summary>Pairs code i with label i.</summary>
    /// <exception cref="TernException">There are not as many labels as codes.</exception>
    public LabelledCodes(PackedCodes codes, Labels labels)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(labels);
        if (codes.Count != labels.Count)
            throw new TernException($"{codes.Count} codes and {labels.Count} labels; each code needs one.");
        Codes = codes;
        Labels = labels;
    }

    /// <summary>The codes.</summary>
    public PackedCodes Codes { get; }

    /// <summary>Their labels.</summary>
    public Labels Labels { get; }

    /// <summary>Identity of the model they come from (<c>tern.sha256</c>), where it is known: codes of two models are not compared.</summary>
    public string? Model { get; init; }

    /// <summary>Some of the codes with their labels, in the order given.</summary>
    public LabelledCodes Select(IReadOnlyList<int> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        PackedCodes codes = new(Codes.Bits, items.Count);
        foreach (int item in items)
            codes.Add(Codes.WordsOf(item));
        return new LabelledCodes(codes, Labels.Select(items)) { Model = Model };
    }
}
