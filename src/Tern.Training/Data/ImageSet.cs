using Tern.Imaging;

namespace Tern.Training.Data;

/// <summary>Labelled pictures in a fixed order, not yet decoded.</summary>
public abstract class ImageSet(IReadOnlyList<string> classes)
{
    /// <summary>Class names; a label is a position in this list.</summary>
    public IReadOnlyList<string> Classes { get; } = classes;

    /// <summary>Number of pictures.</summary>
    public abstract int Count { get; }

    /// <summary>The label of a picture.</summary>
    public abstract int Label(int index);

    /// <summary>Where a picture comes from: a file's path, or a position in a file.</summary>
    public abstract string Name(int index);

    /// <summary>Decodes a picture to 1 (grey) or 3 (RGB) channels at its own size. Throws <see cref="TernException"/> naming it when it is broken. Safe on many threads.</summary>
    public abstract Picture Read(int index, int channels);
}

/// <summary>The two halves of a data set: what is learned from (and searched in), and what asks.</summary>
public sealed record DataSplit(ImageSet Train, ImageSet Test);
