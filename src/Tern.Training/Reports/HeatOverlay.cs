using Tern.Imaging;

namespace Tern.Training.Reports;

/// <summary>A picture in grey under a heat map.</summary>
internal static class HeatOverlay
{
    private static readonly byte[] Ink = [214, 88, 30];
    private const double Strongest = 0.85;

    /// <summary>The warmest place gets the most ink; what is negative gets none.</summary>
    /// <param name="heat">[height * width], row-major, spread smoothly over the picture.</param>
    public static Picture Paint(Picture picture, float[] heat, int width, int height)
    {
        double most = Math.Max(1e-12, heat.Max());
        var cells = new Picture(width, height, 1, Array.ConvertAll(heat, value => (byte)Math.Round(255 * Math.Clamp(value / most, 0, 1))));
        Picture spread = Resizer.Resize(cells, picture.Width, picture.Height), grey = picture.ToGrey();
        var pixels = new byte[3 * picture.Width * picture.Height];
        for (int i = 0; i < spread.Pixels.Length; i++)
        {
            double ink = Strongest * spread.Pixels[i] / 255;
            for (int channel = 0; channel < 3; channel++)
                pixels[3 * i + channel] = (byte)Math.Round((1 - ink) * grey.Pixels[i] + ink * Ink[channel]);
        }
        return new Picture(picture.Width, picture.Height, 3, pixels);
    }
}
