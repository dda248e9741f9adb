using Tern.Durability;

namespace Tern.Index;

/// <summary>What the log holds: the commits since the manifest was written.</summary>
internal sealed class RecentItems
{
    private readonly IndexFolder folder;
    private readonly IndexManifest manifest;
    private readonly IndexShape shape;
    private LogPosition? position;

    private RecentItems(IndexFolder folder, IndexManifest manifest, IndexShape shape)
    {
        (this.folder, this.manifest, this.shape) = (folder, manifest, shape);
        Added = new ItemBuffer(shape);
    }

    /// <summary>Items that were added.</summary>
    public ItemBuffer Added { get; }

    /// <summary>Ids of items that were removed.</summary>
    public List<ulong> Removed { get; } = [];

    /// <summary>How far the log has been read.</summary>
    public LogPosition Position => position!;

    /// <summary>The first id that a further item may have.</summary>
    public ulong NextId { get; private set; }

    /// <summary>Reads the log of a manifest.</summary>
    /// <exception cref="TernException">It is damaged.</exception>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static RecentItems Read(IndexFolder folder, IndexManifest manifest, IndexShape shape)
    {
        RecentItems recent = new(folder, manifest, shape) { NextId = manifest.NextId };
        recent.ReadOn();
        return recent;
    }

    /// <summary>None yet, of a log that has just been begun.</summary>
    public static RecentItems None(IndexFolder folder, IndexManifest manifest, IndexShape shape) => new(folder, manifest, shape) { NextId = manifest.NextId };

    /// <summary>Takes over what has been appended since; whether there was anything.</summary>
    public bool ReadOn()
    {
        string path = folder.PathOf(manifest.Log.File);
        try
        {
            ReadOnlyMemory<byte> log = folder.Files.Read(path, position?.Offset ?? 0);
            if (position is null)
            {
                LogPosition start = LogPosition.Behind(log.Span);
                if (start.Identity != manifest.Log.Sha256)
                    throw new TernException("it is whole, but not the file the manifest names");
                position = start;
                log = log[LogPosition.HeaderLength..];
            }
            List<ReadOnlyMemory<byte>> records = position.Read(log);
            foreach (ReadOnlyMemory<byte> record in records)
                NextId = ChangeRecord.Decode(record.Span, shape, Added, Removed, NextId);
            return records.Count > 0;
        }
        catch (TernException cause)
        {
            throw DamagedFile.Error(path, cause.Message);
        }
        catch (Exception cause) when (cause is UnauthorizedAccessException or IOException and not FileNotFoundException)
        {
            throw UnreadableFile.Error(path, cause);
        }
    }
}
