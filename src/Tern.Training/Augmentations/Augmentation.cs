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

    /// <summary>A part of this size, at a random place, enlarged to the whole: in place.</summary>
    protected static void Enlarge(Span<byte> pixels, ImageShape shape, int width, int height, ref Randomness random)
    {
        int left = random.NextInt(shape.Width - width + 1), top = random.NextInt(shape.Height - height + 1);
        var whole = new Picture(shape.Width, shape.Height, shape.Channels, pixels.ToArray());
        Resizer.Resize(whole.Crop(left, top, width, height), shape.Width, shape.Height).Pixels.CopyTo(pixels);
    }
}
