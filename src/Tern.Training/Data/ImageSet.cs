using Tern.Evaluation;
using Tern.Imaging;

namespace Tern.Training.Data;

/// <summary>Labelled pictures in a fixed order, not yet decoded.</summary>
/// <param name="classes">Class names; a label is a position in this list.</param>
/// <param name="labels">What each picture is labelled with: one class, or several.</param>
public abstract class ImageSet(IReadOnlyList<string> classes, Labels labels)
{
    /// <summary>Class names; a label is a position in this list.</summary>
    public IReadOnlyList<string> Classes { get; } = classes;

    /// <summary>What each picture is labelled with: one class, or several.</summary>
    public Labels Labels { get; } = labels;

    /// <summary>Number of pictures.</summary>
    public virtual int Count => Labels.Count;

    /// <summary>Where a picture comes from: a file's path, or a position in a file.</summary>
    public abstract string Name(int index);

    /// <summary>Decodes a picture to 1 (grey) or 3 (RGB) channels at its own size. Throws <see cref="TernException"/> naming it when it is broken. Safe on many threads.</summary>
    public abstract Picture Read(int index, int channels);
}

/// <summary>The two halves of a data set: what is learned from (and searched in), and what asks.</summary>
/// <remarks>
/// Labels of both are positions in one list of names, the test half's. It begins with the training half's; where it goes on, the test pictures are of classes
/// that are never trained on (docs/decisions/0011).
/// </remarks>
/// <param name="Asking">Positions of the test pictures that ask where the others only answer; null where each may do both.</param>
public sealed record DataSplit(ImageSet Train, ImageSet Test, int[]? Asking = null)
{
    /// <summary>Whether classes are tested that are not trained on.</summary>
    public bool TestsOtherClasses => Test.Classes.Count > Train.Classes.Count;

    /// <summary>Pairs of test pictures, where the data set is judged by them: its two halves then share no class.</summary>
    public PairSet? Pairs { get; init; }
}
