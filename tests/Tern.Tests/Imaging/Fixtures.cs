using System.Runtime.CompilerServices;
using Tern.Imaging;

namespace Tern.Tests.Imaging;

/// <summary>The files made by fixtures/make_fixtures.py, read from where the sources are.</summary>
internal static class Fixtures
{
    public static string PathOf(string name, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "fixtures", name);

    public static byte[] Read(string name) => File.ReadAllBytes(PathOf(name));

    /// <summary>The input of the resize fixtures: "rgb" or "grey".</summary>
    public static Picture ResizeInput(string kind) => new(61, 47, kind == "rgb" ? 3 : 1, Read($"{kind}.61x47.raw"));

    public static int LargestDifference(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        int largest = 0;
        for (int i = 0; i < expected.Length; i++)
            largest = Math.Max(largest, Math.Abs(expected[i] - actual[i]));
        return largest;
    }
}
