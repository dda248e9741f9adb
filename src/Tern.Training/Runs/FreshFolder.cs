using Tern.Durability;

namespace Tern.Training.Runs;

/// <summary>Makes a folder as a whole: built beside its place and moved there when complete, so that a stop or a fault leaves no half of it.</summary>
internal static class FreshFolder
{
    /// <summary>Calls <paramref name="build"/> with a path that does not exist yet; what it leaves there takes the place of <paramref name="path"/>.</summary>
    /// <exception cref="TernException">The disk refused.</exception>
    public static void Build(string path, Action<string> build)
    {
        string place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), building = place + ".new";
        try
        {
            Delete(building);                                                             // left by a process that was killed
            build(building);
            Delete(place);
            Directory.Move(building, place);
            DurableDirectory.Flush(Path.GetDirectoryName(place)!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"{path} cannot be written: {error.Message.TrimEnd('.')}. Free some space or choose another folder, then run again", error);
        }
        catch
        {
            Delete(building);
            throw;
        }
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
