namespace Tern.Imaging;

/// <summary>The errors every decoder shares.</summary>
internal static class ImageLibrary
{
    public static TernException Missing(string name, string format, string library, string package, Exception cause) => new(
        $"'{name}' is a {format}, but the library {library} that decodes it is not installed: run 'apt-get install {package}'"
        + " (or your system's package of it).", cause);

    public static TernException Broken(string name, string format, string reason) => new(
        $"'{name}' is a broken {format} ({reason.TrimEnd('.')}): fetch or save it again.");
}
