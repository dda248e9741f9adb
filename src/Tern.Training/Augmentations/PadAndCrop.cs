using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Augmentations;

/// <summary>Moves the picture by up to <paramref name="Padding"/> pixels each way; what comes in is black. As padding and cropping back (He et al. 2016, 4.2).</summary>
public sealed record PadAndCrop(int Padding = 4) : Augmentation
{
    public override void Apply(Span<byte> pixels, ImageShape shape, ref Randomness random)
    {
        int right = random.NextInt(2 * Padding + 1) - Padding, down = random.NextInt(2 * Padding + 1) - Padding;
        int row = shape.Width * shape.Channels, shift = right * shape.Channels;
        byte[] source = pixels.ToArray();
        pixels.Clear();
        for (int y = Math.Max(0, down); y < Math.Min(shape.Height, shape.Height + down); y++)
        {
            ReadOnlySpan<byte> from = source.AsSpan((y - down) * row, row);
            Span<byte> to = pixels.Slice(y * row, row);
            if (shift >= 0) from[..(row - shift)].CopyTo(to[shift..]);
            else from[-shift..].CopyTo(to);
        }
    }

    public override IEnumerable<string> Problems(ImageShape shape)
    {
        if (Padding < 1 || Padding >= Math.Min(shape.Height, shape.Width)) yield return $"padding: must be at least 1 and below the picture's side; got {Padding}";
    }
}
