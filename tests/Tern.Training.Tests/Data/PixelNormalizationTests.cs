using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public class PixelNormalizationTests
{
    /// <summary>(0 / 255 - 0.5) / 0.25 = -2; (51 / 255 - 0.5) / 0.25 = -1.2; (255 / 255 - 0.5) / 0.25 = 2.</summary>
    [Fact]
    public void Grey_bytes_become_the_computed_floats()
    {
        var normalized = new float[3];
        new PixelNormalization([0.5], [0.25]).Apply([0, 51, 255], normalized);
        Assert.Equal([-2f, -1.2f, 2f], normalized);
    }

    /// <summary>102 / 255 = 0.4: red (0.4 - 0.4) / 1 = 0, green (0.4 - 0.2) / 0.5 = 0.4, blue (0.4 - 0) / 0.1 = 4; then 204 / 255 = 0.8: 0.4, 1.2, 8.</summary>
    [Fact]
    public void Each_colour_has_its_own_scale()
    {
        var normalized = new float[6];
        new PixelNormalization([0.4, 0.2, 0], [1, 0.5, 0.1]).Apply([102, 102, 102, 204, 204, 204], normalized);
        float[] expected = [0f, 0.4f, 4f, 0.4f, 1.2f, 8f];
        Assert.All(expected.Zip(normalized), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }
}
