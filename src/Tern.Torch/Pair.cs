namespace Tern.Torch;

/// <summary>Two numbers for the axes of an image, down and across: the kernel of a convolution, say. One number stands for both.</summary>
public readonly record struct Pair(int Down, int Across)
{
    public static implicit operator Pair(int both) => new(both, both);
    public static implicit operator Pair((int Down, int Across) pair) => new(pair.Down, pair.Across);
}
