using System.Text.Json.Serialization;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Augmentations;

/// <summary>A random change of a training picture, as a recipe names it. Pictures keep their shape.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Flip), "flip")]
[JsonDerivedType(typeof(PadAndCrop), "padAndCrop")]
[JsonDerivedType(typeof(RandomResizedCrop), "randomResizedCrop")]
[JsonDerivedType(typeof(ColourJitter), "colourJitter")]
public abstract record Augmentation
{
    /// <summary>Changes the bytes [H, W, C] in place; all chance comes from <paramref name="random"/>.</summary>
    public abstract void Apply(Span<byte> pixels, ImageShape shape, ref Randomness random);

    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public virtual IEnumerable<string> Problems(ImageShape shape) => [];
}
