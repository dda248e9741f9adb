using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Augmentations;

/// <summary>A part of random area and aspect, resized to the whole (Szegedy et al. 2015; ranges as torchvision's RandomResizedCrop).</summary>
/// <param name="SmallestArea">Of the picture's area, in (0, 1].</param>
/// <param name="WidestAspect">Aspect ratios lie evenly, in the logarithm, between its inverse and it.</param>
public sealed record RandomResizedCrop(double SmallestArea = 0.5, double WidestAspect = 4.0 / 3) : Augmentation
{
    private const int Tries = 10;

    public override void Apply(Span<byte> pixels, ImageShape shape, Look look, ref Randomness random)
    {
        for (int i = 0; i < Tries; i++)
        {
            double area = shape.Height * shape.Width * (SmallestArea + (1 - SmallestArea) * random.NextDouble());
            double aspect = Math.Exp((2 * random.NextDouble() - 1) * Math.Log(WidestAspect));
            int width = (int)Math.Round(Math.Sqrt(area * aspect)), height = (int)Math.Round(Math.Sqrt(area / aspect));
            if (width < 1 || height < 1 || width > shape.Width || height > shape.Height) continue;
            Enlarge(pixels, shape, width, height, ref random);
            return;
        }
    }

    public override IEnumerable<string> Problems(ImageShape shape)
    {
        if (SmallestArea is <= 0 or > 1) yield return $"smallestArea: must be above 0 and at most 1; got {SmallestArea}";
        if (WidestAspect < 1) yield return $"widestAspect: must be at least 1; got {WidestAspect}";
    }
}
