using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Augmentations;

/// <summary>Brightness, contrast and saturation, each scaled by a factor drawn evenly from [1 - strength, 1 + strength], in this order (torchvision draws the order too).</summary>
public sealed record ColourJitter(double Brightness = 0.2, double Contrast = 0.2, double Saturation = 0.2) : Augmentation
{
    public override void Apply(Span<byte> pixels, ImageShape shape, Look look, ref Randomness random)
    {
        float brightness = Factor(Brightness, ref random), contrast = Factor(Contrast, ref random), saturation = Factor(Saturation, ref random);
        float mean = MeanLuma(pixels, shape.Channels) * brightness;
        for (int i = 0; i < pixels.Length; i += shape.Channels)
        {
            Span<byte> pixel = pixels.Slice(i, shape.Channels);
            float luma = Contrasted(Luma(pixel) * brightness, mean, contrast);
            for (int channel = 0; channel < pixel.Length; channel++)
            {
                float value = Contrasted(pixel[channel] * brightness, mean, contrast);
                if (pixel.Length == 3) value = luma + (value - luma) * saturation;
                pixel[channel] = (byte)Math.Clamp(value + 0.5f, 0, 255);
            }
        }
    }

    public override IEnumerable<string> Problems(ImageShape shape) =>
        new[] { ("brightness", Brightness), ("contrast", Contrast), ("saturation", Saturation) }
            .Where(named => named.Item2 is < 0 or > 1)
            .Select(named => $"{named.Item1}: must lie in 0..1; got {named.Item2}");

    private static float Factor(double strength, ref Randomness random) => (float)(1 + strength * (2 * random.NextDouble() - 1));

    private static float Contrasted(float value, float mean, float contrast) => mean + (value - mean) * contrast;

    private static float Luma(ReadOnlySpan<byte> pixel) => pixel.Length == 1 ? pixel[0] : 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];

    private static float MeanLuma(ReadOnlySpan<byte> pixels, int channels)
    {
        double sum = 0;
        for (int i = 0; i < pixels.Length; i += channels) sum += Luma(pixels.Slice(i, channels));
        return (float)(sum * channels / pixels.Length);
    }
}
