namespace Tern.Imaging;

/// <summary>Writes pictures to disk.</summary>
public static class PictureFile
{
    /// <summary>Writes a PNG, replacing what is there in one step.</summary>
    /// <exception cref="TernException">The file cannot be written.</exception>
    public static void Write(string path, Picture picture)
    {
        byte[] png = PngWriter.Encode(picture);
        AtomicFile.Write(path, stream => stream.Write(png));
    }
}
