using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.CompilerServices;

namespace Tern.Training.Tests;

/// <summary>Data sets that are measured with and never committed: in <c>data/</c>, or packed in a folder <c>shared/data</c> beside or above the checkout.</summary>
internal static class SharedData
{
    /// <summary>LFW as the recipes use it: a folder of people with the lists of pairs, cut to 64x64 and grey.</summary>
    public const string Pack = "shared/data/lfw_gray64.tar.gz";

    /// <summary>The folder with LFW's lists, unpacked into a temporary one if need be; null where there is none.</summary>
    public static string? Lfw(TemporaryFolder folder)
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..")), own = Path.Combine(root, "data", "lfw");
        if (HasLists(own)) return own;
        for (DirectoryInfo? above = new(root); above is not null; above = above.Parent)
        {
            string pack = Path.Combine(above.FullName, Pack);
            if (!File.Exists(pack)) continue;
            using (var stream = new GZipStream(File.OpenRead(pack), CompressionMode.Decompress)) TarFile.ExtractToDirectory(stream, folder.Path, overwriteFiles: false);
            return Directory.EnumerateDirectories(folder.Path, "*", SearchOption.AllDirectories).Prepend(folder.Path).First(HasLists);
        }
        return null;
    }

    private static bool HasLists(string folder) => File.Exists(Path.Combine(folder, "pairs.txt")) && File.Exists(Path.Combine(folder, "pairsDevTest.txt"));

    private static string Here([CallerFilePath] string here = "") => here;
}
