using Tern.Encoding;
using Tern.Imaging;
using Tern.Index;
using Tern.Training.Data;

namespace Tern.Training.Runs;

/// <summary>What building an index did.</summary>
public sealed record IndexBuilt(int Added, int LeftOut);

/// <summary>Encodes a folder of pictures into a new index.</summary>
public static class IndexBuilder
{
    private const int BatchSize = 256;

    /// <summary>Every picture below <paramref name="images"/>, keyed by its path, labelled by the folder it lies in. A batch at a time: memory stays bounded.</summary>
    public static IndexBuilt Build(
        string path, string modelPath, string images, BadImagePolicy onBadImage, int threads, IProgress<RunEvent> progress, CancellationToken cancellation)
    {
        if (!Directory.Exists(images)) throw new TernException($"{images} does not exist: give a folder of pictures with --images");
        string[] files = FolderReader.Pictures(images);
        if (files.Length == 0) throw new TernException($"{images} has no pictures (.jpg, .jpeg, .png, .webp) in it");
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new TernException($"{path} is not empty: an index needs a folder of its own, new or empty");
        int added = 0;
        FreshFolder.Build(path, fresh =>
        {
            using ImageIndex index = ImageIndex.Create(fresh, modelPath, new EncoderOptions { Threads = threads });
            added = AddAll(index, files, onBadImage, threads, progress, cancellation);
            if (added == 0) throw new TernException($"none of the {files.Length} pictures in {images} can be read");
            index.Commit();
        });
        return new IndexBuilt(added, files.Length - added);
    }

    private static int AddAll(
        ImageIndex index, string[] files, BadImagePolicy onBadImage, int threads, IProgress<RunEvent> progress, CancellationToken cancellation)
    {
        int added = 0;
        for (int first = 0; first < files.Length; first += BatchSize)
        {
            string[] batch = files[first..Math.Min(files.Length, first + BatchSize)];
            (string Key, string? Label, Picture Picture)[] read = Read(batch, index.Encoder, onBadImage, threads, progress, cancellation);
            index.Add(read);
            added += read.Length;
            progress.Report(new StageAdvanced("index", first + batch.Length, files.Length));
        }
        return added;
    }

    private static (string, string?, Picture)[] Read(
        string[] files, ImageEncoder encoder, BadImagePolicy onBadImage, int threads, IProgress<RunEvent> progress, CancellationToken cancellation)
    {
        var pictures = new Picture?[files.Length];
        var problems = new TernException?[files.Length];
        Parallel.For(0, files.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, i =>
        {
            try { pictures[i] = Resizer.Fit(ImageDecoder.Open(files[i], encoder.Channels), encoder.Width, encoder.Height, encoder.Resize); }
            catch (TernException problem) { problems[i] = problem; }
        });
        foreach (TernException problem in problems.OfType<TernException>())
        {
            if (onBadImage == BadImagePolicy.Fail) throw problem;
            progress.Report(new RunWarning($"left out: {problem.Message}"));
        }
        return [.. files.Zip(pictures).Where(pair => pair.Second is not null).Select(pair => (pair.First, Path.GetFileName(Path.GetDirectoryName(pair.First)), pair.Second!))];
    }
}
