using Tern.Imaging;

namespace Tern.Training.Data;

/// <summary>The part of a picture that shows what it is labelled with, in pixels from the upper left corner; Right and Bottom are just outside.</summary>
public readonly record struct Box(int Left, int Top, int Right, int Bottom)
{
    /// <summary>The part of a picture that lies in the box; null where none does.</summary>
    public Picture? Cut(Picture picture)
    {
        int left = Math.Clamp(Left, 0, picture.Width), right = Math.Clamp(Right, 0, picture.Width);
        int top = Math.Clamp(Top, 0, picture.Height), bottom = Math.Clamp(Bottom, 0, picture.Height);
        return left < right && top < bottom ? picture.Crop(left, top, right - left, bottom - top) : null;
    }

    public override string ToString() => $"({Left}, {Top}) to ({Right}, {Bottom})";
}
