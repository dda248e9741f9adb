using Tern.Encoding;
using Tern.Index;
using Tern.Search;
using Tern.Training.Data;

namespace Tern.Training.Runs;

/// <summary>What building an index did.</summary>
public sealed record IndexBuilt(int Added, int LeftOut);

/// <summary>Encodes folders of pictures into an index.</summary>
public static class IndexBuilder
{
    /// <summary>
    /// Makes an index of every picture below <paramref name="images"/>, keyed by its path, labelled by the folder it lies in; with descriptors to re-rank by, where a
    /// precision says how they are kept.
    /// </summary>
    public static IndexBuilt Build(
        string path, string modelPath, string images, DescriptorPrecision? descriptors, BadImagePolicy onBadImage, int threads, IProgress<RunEvent> progress,
        CancellationToken cancellation)
    {
        string[] files = Pictures([images], "with --images");
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new TernException($"{path} is not empty: an index needs a folder of its own, new or empty");
        int added = 0;
        FreshFolder.Build(path, fresh =>
        {
            using ImageIndex index = ImageIndex.Create(fresh, modelPath, new EncoderOptions { Threads = threads }, descriptors);
            IndexAdded all = new PictureIntake(index, onBadImage, threads, progress, cancellation).Add(files, afresh: true);
            added = all.Added;
            if (added == 0) throw new TernException($"none of the {files.Length} pictures in {images} can be read");
            index.Codes.Compact(cancellation);
        });
        return new IndexBuilt(added, files.Length - added);
    }

    /// <summary>
    /// Adds every picture below some folders whose content the index does not have. What a batch has added is safe; after a stop, the same call goes on from there.
    /// </summary>
    public static IndexAdded Add(
        string path, IReadOnlyList<string> folders, BadImagePolicy onBadImage, int threads, IProgress<RunEvent> progress, CancellationToken cancellation)
    {
        string[] files = Pictures(folders, "to add");
        using ImageIndex index = ImageIndex.Open(path, new IndexOptions { Writable = true }, new EncoderOptions { Threads = threads });
        return new PictureIntake(index, onBadImage, threads, progress, cancellation).Add(files, afresh: false);
    }

    private static string[] Pictures(IReadOnlyList<string> folders, string how)
    {
        foreach (string folder in folders)
            if (!Directory.Exists(folder)) throw new TernException($"{folder} does not exist: give a folder of pictures {how}");
        string[] files = [.. folders.SelectMany(FolderReader.Pictures).Distinct()];
        return files.Length > 0 ? files : throw new TernException($"{string.Join(", ", folders)} has no pictures (.jpg, .jpeg, .png, .webp) in it");
    }
}
