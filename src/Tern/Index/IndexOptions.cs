using Tern.Durability;

namespace Tern.Index;

/// <summary>How an index folder is opened.</summary>
public sealed record IndexOptions
{
    /// <summary>Open as the one writer. Any number of readers, in any process, may be open beside it.</summary>
    public bool Writable { get; init; }

    /// <summary>Build hash tables in memory, which answer most searches of a large index without reading all of it. They are built again for what a commit
    /// changes; worth it where many searches follow.</summary>
    public bool Hashing { get; init; }

    /// <summary>Join segments on another thread; otherwise commits do so before they return.</summary>
    public bool MergeInBackground { get; init; } = true;

    /// <summary>Where the files lie.</summary>
    internal IFileSystem Files { get; init; } = DiskFileSystem.Instance;

    /// <summary>When the log becomes a segment, how many there may be, and which have hash tables.</summary>
    internal IndexLimits Limits { get; init; } = new();
}
