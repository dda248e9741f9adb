using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Augmentations;

/// <summary>Left becomes right in every second epoch, in the even ones for one half of the pictures and in the odd ones for the other: two epochs show both sides of each.</summary>
/// <remarks>Jordan 2024 (arXiv 2404.00498), 3.6, after which a random flip shows a quarter of the pictures the same way twice running.</remarks>
public sealed record AlternatingFlip : Augmentation
{
    public override void Apply(Span<byte> pixels, ImageShape shape, Look look, ref Randomness random)
    {
        ulong half = Randomness.Of((ulong)look.Picture).Next() & 1;
        if ((half + (ulong)look.Time & 1) != 0) Flip.Mirror(pixels, shape);
    }
}
