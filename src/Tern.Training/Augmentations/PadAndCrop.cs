using System.Text.Json.Serialization;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Augmentations;

/// <summary>What comes into a picture that is moved.</summary>
public enum Border
{
    /// <summary>Black (He et al. 2016, 4.2).</summary>
    Black,

    /// <summary>The picture's own edge, mirrored about its last pixels (Jordan 2024, 3.2).</summary>
    Reflect,
}

/// <summary>Moves the picture by up to <paramref name="Padding"/> pixels each way, as padding and cropping back would.</summary>
public sealed record PadAndCrop(int Padding = 4, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Border Border = Border.Black) : Augmentation
{
    public override void Apply(Span<byte> pixels, ImageShape shape, Look look, ref Randomness random)
    {
        int right = random.NextInt(2 * Padding + 1) - Padding, down = random.NextInt(2 * Padding + 1) - Padding;
        int row = shape.Width * shape.Channels;
        byte[] source = pixels.ToArray();
        for (int y = 0; y < shape.Height; y++)
        {
            Span<byte> to = pixels.Slice(y * row, row);
            if (Source(y - down, shape.Height) is { } above) Move(source.AsSpan(above * row, row), to, right, shape);
            else to.Clear();
        }
    }

    public override IEnumerable<string> Problems(ImageShape shape)
    {
        if (Padding < 1 || Padding >= Math.Min(shape.Height, shape.Width)) yield return $"padding: must be at least 1 and below the picture's side; got {Padding}";
    }

    private void Move(ReadOnlySpan<byte> from, Span<byte> to, int right, ImageShape shape)
    {
        for (int x = 0; x < shape.Width; x++)
        {
            Span<byte> pixel = to.Slice(x * shape.Channels, shape.Channels);
            if (Source(x - right, shape.Width) is { } before) from.Slice(before * shape.Channels, shape.Channels).CopyTo(pixel);
            else pixel.Clear();
        }
    }

    /// <summary>Where what stands at <paramref name="at"/> comes from; null from outside.</summary>
    private int? Source(int at, int side)
    {
        if (at >= 0 && at < side) return at;
        if (Border == Border.Black) return null;
        return at < 0 ? -at : 2 * (side - 1) - at;
    }
}
