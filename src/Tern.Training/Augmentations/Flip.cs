using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Augmentations;

/// <summary>Left becomes right, with the given probability.</summary>
public sealed record Flip(double Probability = 0.5) : Augmentation
{
    public override void Apply(Span<byte> pixels, ImageShape shape, Look look, ref Randomness random)
    {
        if (random.NextDouble() < Probability) Mirror(pixels, shape);
    }

    public override IEnumerable<string> Problems(ImageShape shape)
    {
        if (Probability is < 0 or > 1) yield return $"probability: must lie in 0..1; got {Probability}";
    }

    /// <summary>Turns the bytes [H, W, C] around.</summary>
    internal static void Mirror(Span<byte> pixels, ImageShape shape)
    {
        int row = shape.Width * shape.Channels;
        for (int y = 0; y < shape.Height; y++) Mirror(pixels.Slice(y * row, row), shape.Channels);
    }

    private static void Mirror(Span<byte> row, int channels)
    {
        row.Reverse();
        if (channels == 1) return;
        for (int i = 0; i < row.Length; i += channels) row.Slice(i, channels).Reverse();      // the colours of a pixel back in order
    }
}
