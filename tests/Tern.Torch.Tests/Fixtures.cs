using System.Text.Json;

namespace Tern.Torch.Tests;

/// <summary>Numbers PyTorch computed; fixtures/make.py made them.</summary>
internal static class Fixtures
{
    internal static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "fixtures", name);

    internal static JsonElement Json(string name) => JsonDocument.Parse(File.ReadAllText(PathOf(name))).RootElement;

    internal static float[] Floats(this JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetSingle())];

    internal static long[] Longs(this JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetInt64())];

    /// <summary>Relative to the largest expected value: float32 sums differ in their last digits.</summary>
    internal static void AssertClose(float[] expected, float[] actual, double relative = 1e-5)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++) Assert.InRange(actual[i], expected[i] - relative * scale, expected[i] + relative * scale);
    }
}
