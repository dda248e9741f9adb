using Tern.Codes;
using Tern.Durability;
using Tern.Search;

namespace Tern.Index;

/// <summary>A collection of binary codes in a folder, searched exactly.</summary>
/// <remarks>
/// After <see cref="Commit"/> returns, a crash or power loss loses nothing; before, nothing is half there. Searches see what was
/// committed and never wait; one writer and any number of readers, threads or processes, may use the folder at the same time.
/// </remarks>
public sealed partial class HammingIndex : ICodeCollection, IDisposable
{
    private readonly IndexFolder folder;
    private readonly IndexOptions options;
    private readonly Lock gate = new(); // held by whoever changes anything below
    private readonly IndexWriter? writer;
    private RecentItems recent;
    private volatile Snapshot snapshot;
    private volatile bool closed;

    private HammingIndex(IndexFolder folder, IndexOptions options)
    {
        if (!BitConverter.IsLittleEndian)
            throw new TernException("The files of an index are little-endian, and this machine is not; search it on one that is, such as x86-64 or arm64.");
        (this.folder, this.options) = (folder, options);
        if (options.Writable)
            folder.ReadManifest(); // not even a lock is put into a folder that is no index
        IDisposable? heldLock = options.Writable ? folder.Lock() : null;
        try
        {
            (snapshot, recent) = Snapshot.Load(folder, null);
            snapshot.Hold();
            if (options.Hashing)
                snapshot.BuildTables(options.Limits.HashedItems, Environment.ProcessorCount);
            if (heldLock is not null)
                writer = new IndexWriter(folder, heldLock, options.Limits, snapshot, recent);
        }
        catch (Exception cause)
        {
            snapshot?.Release();
            heldLock?.Dispose();
            if (cause is IOException or UnauthorizedAccessException)
                throw new TernException($"The index {folder.Path} cannot be opened: {cause.Message} Check the folder, its permissions and the disk, then open it again.", cause);
            throw;
        }
    }

    /// <summary>Code length of all items.</summary>
    public int Bits => snapshot.Manifest.Bits;

    /// <summary>Identity of the model the codes come from.</summary>
    public string ModelIdentity => snapshot.Manifest.Model;

    /// <summary>The shape of the items' descriptors; null where the index keeps none.</summary>
    public DescriptorShape? Descriptor => snapshot.Manifest.Descriptor;

    /// <summary>How many committed items there are.</summary>
    public long Count => snapshot.Count;

    /// <summary>Makes an empty index and opens it as the writer.</summary>
    /// <param name="path">A folder that does not exist yet, or holds nothing but what an interrupted creation has left.</param>
    /// <param name="bits">Code length, 1 to 1024.</param>
    /// <param name="modelIdentity">Identity of the model whose codes it will hold.</param>
    /// <param name="descriptor">The shape of the descriptor that every item is to have; null: none has one.</param>
    /// <param name="options">How to open it; it will be writable.</param>
    /// <exception cref="TernException">The folder holds something already, or cannot be written.</exception>
    public static HammingIndex Create(string path, int bits, string modelIdentity, DescriptorShape? descriptor = null, IndexOptions? options = null) =>
        Create(path, bits, modelIdentity, descriptor, options, null);

    /// <summary>The same without waiting for the disk.</summary>
    public static Task<HammingIndex> CreateAsync(
        string path, int bits, string modelIdentity, DescriptorShape? descriptor = null, IndexOptions? options = null, CancellationToken cancellation = default) =>
        Task.Run(() => Create(path, bits, modelIdentity, descriptor, options), cancellation);

    /// <summary>The same with a file beside it: an interrupted creation leaves no index without it.</summary>
    /// <exception cref="TernException">The folder holds something already, or cannot be written.</exception>
    internal static HammingIndex Create(string path, int bits, string modelIdentity, DescriptorShape? descriptor, IndexOptions? options, CompanionFile? companion)
    {
        BinaryCode.RequireBits(bits);
        ArgumentException.ThrowIfNullOrEmpty(modelIdentity);
        descriptor?.Require();
        options = (options ?? new IndexOptions()) with { Writable = true };
        IndexFolder folder = new(path, options.Files);
        try
        {
            if (!folder.IsFree(companion?.Name))
                throw new TernException($"{folder.Path} is not empty; open the index it holds, or create one elsewhere.");
            folder.Files.CreateFolder(folder.Path);
            using (folder.Lock())
            {
                if (!folder.IsFree(companion?.Name)) // somebody else has created one just now
                    throw new TernException($"{folder.Path} is not empty; open the index it holds, or create one elsewhere.");
                IndexWriter.Create(folder, bits, modelIdentity, descriptor, companion);
            }
            folder.Files.FlushFolder(Path.GetDirectoryName(folder.Path) ?? folder.Path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"No index could be created in {folder.Path}: {cause.Message} Make room, change its permissions, or choose another folder, then create it again.", cause);
        }
        return new HammingIndex(folder, options);
    }

    /// <summary>Opens an index. That reads the manifest, the log and the head of each segment; what else a segment holds is read and compared with its checksums when it is
    /// first needed.</summary>
    /// <exception cref="TernException">It is missing, damaged (the message names the file), older, newer, or has a writer already.</exception>
    public static HammingIndex Open(string path, IndexOptions? options = null)
    {
        options ??= new IndexOptions();
        return new HammingIndex(new IndexFolder(path, options.Files), options);
    }

    /// <summary>The same without waiting for the disk.</summary>
    public static Task<HammingIndex> OpenAsync(string path, IndexOptions? options = null, CancellationToken cancellation = default) => Task.Run(() => Open(path, options), cancellation);

    /// <summary>Reads every file of an index and says what is wrong with it, one line each; nothing if it is sound.</summary>
    /// <remarks>An index may be written meanwhile.</remarks>
    /// <exception cref="OperationCanceledException">It was called off, between two files.</exception>
    public static IReadOnlyList<string> Verify(string path, CancellationToken cancellation = default) => Verify(path, DiskFileSystem.Instance, cancellation);

    internal static IReadOnlyList<string> Verify(string path, IFileSystem files, CancellationToken cancellation = default) => IndexVerification.Problems(new IndexFolder(path, files), cancellation);

    /// <summary>Takes over what a writer elsewhere has committed since; whether there was anything.</summary>
    /// <exception cref="TernException">A file is damaged.</exception>
    public bool Refresh()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            if (writer is not null)
                return false;
            Snapshot before = snapshot;
            (Snapshot next, recent) = before.Refreshed(folder, recent);
            Publish(next);
            return !ReferenceEquals(next, before);
        }
    }

    /// <summary>The same without waiting for the disk.</summary>
    public Task<bool> RefreshAsync(CancellationToken cancellation = default) => Task.Run(Refresh, cancellation);

    /// <summary>Fails unless this is the model the index was made with: distances between codes of two models mean nothing.</summary>
    /// <exception cref="TernException">It is another; the message names both.</exception>
    public void RequireModel(string modelIdentity)
    {
        if (modelIdentity != ModelIdentity)
            throw new TernException(
                $"The index {folder.Path} was made with model {ModelIdentity}, this code comes from model {modelIdentity}; "
                + "rebuild the index or use the right model.");
    }

    /// <summary>Releases the files and the writer's lock. Changes that were not committed are gone.</summary>
    public void Dispose()
    {
        try
        {
            StopMerging();
        }
        finally
        {
            lock (gate)
                if (!closed)
                {
                    closed = true;
                    writer?.Dispose();
                    snapshot.Release();
                }
        }
    }

    private void Publish(Snapshot next)
    {
        Snapshot before = snapshot;
        if (ReferenceEquals(next, before))
            return;
        try
        {
            if (options.Hashing)
                next.BuildTables(options.Limits.HashedItems, Environment.ProcessorCount);
        }
        finally
        {
            next.Hold(); // whatever becomes of the tables: the disk says so already
            snapshot = next;
            before.Release();
        }
    }
}
