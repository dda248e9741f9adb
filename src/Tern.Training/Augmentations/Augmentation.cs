using System.Text.Json.Serialization;
using Tern.Imaging;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Augmentations;

/// <summary>A random change of a training picture, as a recipe names it. Pictures keep their shape.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Flip), "flip")]
[JsonDerivedType(typeof(AlternatingFlip), "alternatingFlip")]
[JsonDerivedType(typeof(PadAndCrop), "padAndCrop")]
[JsonDerivedType(typeof(RandomResizedCrop), "randomResizedCrop")]
[JsonDerivedType(typeof(ResizeAndCrop), "resizeAndCrop")]
[JsonDerivedType(typeof(ColourJitter), "colourJitter")]
public abstract record Augmentation
{
    /// <summary>Changes the bytes [H, W, C] in place; all chance comes from <paramref name="random"/>, and what follows from the epoch from <paramref name="look"/>.</summary>
    public abstract void Apply(Span<byte> pixels, ImageShape shape, Look look, ref Randomness random);

    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public virtual IEnumerable<string> Problems(ImageShape shape) => [];

    /// <summary>A part of the bytes [H, W, C] as a picture of its own.</summary>
    protected static Picture Cut(ReadOnlySpan<byte> pixels, ImageShape shape, int left, int top, int width, int height)
    {
        var part = new byte[width * height * shape.Channels];
        int row = width * shape.Channels;
        for (int y = 0; y < height; y++)
            pixels.Slice(((top + y) * shape.Width + left) * shape.Channels, row).CopyTo(part.AsSpan(y * row));
        return new Picture(width, height, shape.Channels, part);
    }
}
