using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Augmentations;

/// <summary>Enlarged and cut back to its shape at a random place: what metric learning does from 252 to 224 (CGD, Jun et al. 2019, section 4.2).</summary>
/// <remarks>
/// Departure: there the photograph is brought to 252 and cut to 224; here pictures are kept at the network's size, and the part that is cut is enlarged, so that it has less detail.
/// </remarks>
/// <param name="Scale">By how much; 252 / 224 = 1.125.</param>
public sealed record ResizeAndCrop(double Scale = 1.125) : Augmentation
{
    public override void Apply(Span<byte> pixels, ImageShape shape, Look look, ref Randomness random) =>
        Enlarge(pixels, shape, (int)Math.Round(shape.Width / Scale), (int)Math.Round(shape.Height / Scale), ref random);

    public override IEnumerable<string> Problems(ImageShape shape)
    {
        if (!(Scale >= 1) || Scale > Math.Min(shape.Width, shape.Height)) yield return $"scale: must be at least 1 and leave a pixel of {shape.Height}x{shape.Width}; got {Scale}";
    }
}
