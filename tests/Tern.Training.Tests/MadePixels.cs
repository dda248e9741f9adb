using Tern.Training.Data;

namespace Tern.Training.Tests;

/// <summary>Small grey pictures in memory that a network can tell apart: a bright bar whose direction is the class, on noise.</summary>
internal static class MadePixels
{
    public static PixelStore Store(int count, int side, int classes, int seed)
    {
        var random = new Random(seed);
        byte[] pixels = new byte[count * side * side], labels = new byte[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = (byte)(i % classes);
            double angle = Math.PI * labels[i] / classes, offset = random.NextDouble() * 4 - 2;
            for (int y = 0; y < side; y++)
                for (int x = 0; x < side; x++)
                {
                    double across = (x - side / 2.0) * Math.Sin(angle) + (y - side / 2.0) * Math.Cos(angle) - offset;
                    pixels[(i * side + y) * side + x] = (byte)(random.Next(60) + (Math.Abs(across) < 2 ? 180 : 0));
                }
        }
        var set = new MemoryImageSet([.. Enumerable.Range(0, classes).Select(label => $"class {label}")], "made", side, side, 1, pixels, labels);
        return PixelStore.Load(set, new DataSpec("made", side, side, 1, [0.5], [0.5], 2), threads: 2, default);
    }
}
