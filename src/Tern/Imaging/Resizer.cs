namespace Tern.Imaging;

/// <summary>
/// The one resize of training and runtime: antialiased bilinear, a triangle filter as wide as the reduction, in integer arithmetic.
/// Gives the bytes of Pillow's <c>Image.resize(size, BILINEAR)</c>, the same on every machine. Thread-safe.
/// </summary>
public static class Resizer
{
    /// <summary>The picture in the given size, grey or RGB as it was; itself when it has that size already.</summary>
    public static Picture Resize(Picture picture, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return Window(picture, new Axis(picture.Width, width, 0, width), new Axis(picture.Height, height, 0, height));
    }

    /// <summary>The picture fitted to width x height in the given way; itself when it has that size already.</summary>
    /// <remarks>
    /// Crop on a square is torchvision's Resize(size) and CenterCrop(size): the longer side rounded down, the offset half to even.
    /// </remarks>
    public static Picture Fit(Picture picture, int width, int height, ResizePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return policy switch
        {
            ResizePolicy.Stretch => Resize(picture, width, height),
            ResizePolicy.Crop => Crop(picture, width, height),
            ResizePolicy.Pad => Pad(picture, width, height),
            _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "Not a resize policy."),
        };
    }

    private static Picture Crop(Picture picture, int width, int height)
    {
        bool wider = (long)picture.Width * height > (long)width * picture.Height;
        long scaledWidth = wider ? (long)height * picture.Width / picture.Height : width;
        long scaledHeight = wider ? height : (long)width * picture.Height / picture.Width;
        return Window(picture,
            new Axis(picture.Width, scaledWidth, Centre(scaledWidth - width), width),
            new Axis(picture.Height, scaledHeight, Centre(scaledHeight - height), height));
    }

    /// <summary>Half of the excess, half to even: 1 gives 0, 3 gives 2.</summary>
    private static long Centre(long excess) => (excess + ((excess >> 1) & 1)) >> 1;

    private static Picture Pad(Picture picture, int width, int height)
    {
        bool wider = (long)picture.Width * height > (long)width * picture.Height;
        int scaledWidth = wider ? width : (int)Math.Max(1, (long)height * picture.Width / picture.Height);
        int scaledHeight = wider ? (int)Math.Max(1, (long)width * picture.Height / picture.Width) : height;
        Picture scaled = Resize(picture, scaledWidth, scaledHeight);
        if (scaledWidth == width && scaledHeight == height) return scaled;

        byte[] padded = new byte[checked(width * height * picture.Channels)];
        int left = (width - scaledWidth) / 2, top = (height - scaledHeight) / 2, row = scaledWidth * picture.Channels;
        for (int y = 0; y < scaledHeight; y++)
            scaled.Pixels.Slice(y * row, row).CopyTo(padded.AsSpan(((top + y) * width + left) * picture.Channels));
        return new Picture(width, height, picture.Channels, padded);
    }

    /// <summary>One axis of a resize from Source to Target pixels, of which Count from First are wanted.</summary>
    private readonly record struct Axis(int Source, long Target, long First, int Count);

    private static Picture Window(Picture picture, Axis across, Axis down)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(across.Count, 1, "width");
        ArgumentOutOfRangeException.ThrowIfLessThan(down.Count, 1, "height");
        if (across.Count == picture.Width && down.Count == picture.Height && across.Target == across.Count && down.Target == down.Count)
            return picture;
        ResizeWeights columns = ResizeWeights.Compute(across.Source, across.Target, across.First, across.Count);
        ResizeWeights rows = ResizeWeights.Compute(down.Source, down.Target, down.First, down.Count);
        return new Picture(across.Count, down.Count, picture.Channels, ResizePasses.Run(picture, columns, rows));
    }
}
