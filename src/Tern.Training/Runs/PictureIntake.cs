using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Tern.Imaging;
using Tern.Index;
using Tern.Training.Data;

namespace Tern.Training.Runs;

/// <summary>What adding to an index did.</summary>
/// <param name="Added">Pictures encoded, also those that took the place of another one with the same path.</param>
/// <param name="AlreadyThere">Pictures whose content the index had.</param>
/// <param name="LeftOut">Files that cannot be read.</param>
public sealed record IndexAdded(int Added, int AlreadyThere, int LeftOut);

/// <summary>
/// Encodes picture files into an index, keyed by their paths, labelled by the folders they lie in, a batch at a time: memory stays bounded. An item remembers the SHA-256 of its
/// file as the attribute <c>sha256</c>; a file is passed over when the index has that content, under whatever key, unless its own key stands for another.
/// </summary>
internal sealed class PictureIntake(ImageIndex index, BadImagePolicy onBadImage, int threads, IProgress<RunEvent> progress, CancellationToken cancellation)
{
    private const int BatchSize = 256;
    private const string Attribute = "sha256";

    private readonly HashSet<UInt128> contents = []; // of the index's files; half of the digits tell them apart as well
    private int added, alreadyThere, leftOut;

    /// <summary>Adds files.</summary>
    /// <param name="files">Paths.</param>
    /// <param name="afresh">The index is new: all files are added, also those with the same content.</param>
    public IndexAdded Add(string[] files, bool afresh)
    {
        if (!afresh) contents.UnionWith(index.Codes.Items().Select(item => ContentOf(item.Attributes)).OfType<string>().Select(Short));
        for (int first = 0; first < files.Length; first += BatchSize)
        {
            string[] batch = files[first..Math.Min(files.Length, first + BatchSize)];
            (string Path, string Content)[] wanted = [.. Wanted(batch, Read(batch, ContentOfFile), afresh)];
            Picture?[] pictures = Read([.. wanted.Select(file => file.Path)], Decoded);
            PictureRecord[] records = [.. Records(wanted, pictures, afresh)];
            index.Add(records);
            added += records.Length;
            index.Commit();                                                               // nothing of it has to be done again after a stop
            progress.Report(new StageAdvanced("index", first + batch.Length, files.Length));
        }
        return new IndexAdded(added, alreadyThere, leftOut);
    }

    private IEnumerable<(string, string)> Wanted(string[] batch, string?[] read, bool all)
    {
        foreach ((string path, string? content) in batch.Zip(read))
        {
            if (content is null) continue;                                                // could not be read
            if (!all && IsThere(path, content)) alreadyThere++;
            else yield return (path, content);
        }
    }

    /// <summary>Those that could be decoded, the second of two with the same content in one batch left out.</summary>
    private IEnumerable<PictureRecord> Records((string, string)[] wanted, Picture?[] pictures, bool all)
    {
        foreach (((string path, string content), Picture? picture) in wanted.Zip(pictures))
        {
            if (picture is null) continue;
            if (!all && IsThere(path, content)) alreadyThere++;
            else
            {
                contents.Add(Short(content));
                yield return Record(path, content, picture);
            }
        }
    }

    private bool IsThere(string path, string content) =>
        contents.Contains(Short(content)) && (index.Codes.Get(path) is not { } present || ContentOf(present.Attributes) == content);

    private static PictureRecord Record(string path, string content, Picture picture) => new(path, picture)
    {
        Label = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) is { Length: > 0 } folder ? folder : null,
        Attributes = $"{{\"{Attribute}\":\"{content}\"}}",
    };

    private Picture Decoded(string path) => Resizer.Fit(ImageDecoder.Open(path, index.Encoder.Channels), index.Encoder.Width, index.Encoder.Height, index.Encoder.Resize);

    private static string ContentOfFile(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"'{path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>What <paramref name="read"/> makes of each file; null where it cannot be read, which is told.</summary>
    private T?[] Read<T>(string[] files, Func<string, T> read) where T : class
    {
        var results = new T?[files.Length];
        var problems = new TernException?[files.Length];
        Parallel.For(0, files.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, i =>
        {
            try { results[i] = read(files[i]); }
            catch (TernException problem) { problems[i] = problem; }
        });
        foreach (TernException problem in problems.OfType<TernException>())
        {
            if (onBadImage == BadImagePolicy.Fail) throw problem;
            progress.Report(new RunWarning($"left out: {problem.Message}"));
            leftOut++;
        }
        return results;
    }

    private static string? ContentOf(string? attributes)
    {
        if (attributes is null) return null;
        using JsonDocument json = JsonDocument.Parse(attributes);
        return json.RootElement.TryGetProperty(Attribute, out JsonElement content) && content.ValueKind == JsonValueKind.String ? content.GetString() : null;
    }

    private static UInt128 Short(string content) =>
        UInt128.TryParse(content[..Math.Min(content.Length, 32)], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 digits) ? digits : default;
}
