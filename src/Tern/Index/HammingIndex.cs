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
            throw new TernException("The files of an index are little-endian, and this machine is not.");
        (this.folder, this.options) = (folder, options);
        if (options.Writable)
            folder.ReadManifest(); // not even a lock is put into a folder that is no index
        IDisposable? heldLock = options.Writable ? folder.Lock() : null;
        try
        {
            (snapshot, recent) = Snapshot.Load(folder, null);
            snapshot.Hold();
            if (options.Hashing)
                snapshot.BuildTables(Environment.ProcessorCount);
            if (heldLock is not null)
                writer = new IndexWriter(folder, heldLock, options.Limits, snapshot, recent);
        }
        catch (Exception cause)
        {
            snapshot?.Release();
            heldLock?.Dispose();
            if (cause is IOException or UnauthorizedAccessException)
                throw new TernException($"The index {folder.Path} cannot be opened: {cause.Message}", cause);
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
    /// <param name="path">A folder that does not exist yet, or is empty.</param>
    /// <param name="bits">Code length, 1 to 1024.</param>
    /// <param name="modelIdentity">Identity of the model whose codes it will hold.</param>
    /// <param name="descriptor">The shape of the descriptor that every item is to have; null: none has one.</param>
    /// <param name="options">How to open it; it will be writable.</param>
    /// <exception cref="TernException">The folder holds something already, or cannot be written.</exception>
    public static HammingIndex Create(string path, int bits, string modelIdentity, DescriptorShape? descriptor = null, IndexOptions? options = null)
    {
        BinaryCode.RequireBits(bits);
        ArgumentException.ThrowIfNullOrEmpty(modelIdentity);
        descriptor?.Require();
        options = (options ?? new IndexOptions()) with { Writable = true };
        IndexFolder folder = new(path, options.Files);
        try
        {
            if (!folder.IsFree())
                throw new TernException($"{folder.Path} is not empty; open the index it holds, or create one elsewhere.");
            folder.Files.CreateFolder(folder.Path);
            using (folder.Lock())
            {
                if (!folder.IsFree()) // somebody else has created one just now
                    throw new TernException($"{folder.Path} is not empty; open the index it holds, or create one elsewhere.");
                IndexWriter.Create(folder, bits, modelIdentity, descriptor);
            }
            folder.Files.FlushFolder(Path.GetDirectoryName(folder.Path) ?? folder.Path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"No index could be created in {folder.Path}: {cause.Message}", cause);
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

    /// <summary>Reads every file of an index and says what is wrong with it, one line each; nothing if it is sound.</summary>
    /// <remarks>For an index that nobody is writing: a merge beside it looks like missing files.</remarks>
    public static IReadOnlyList<string> Verify(string path) => Verify(path, DiskFileSystem.Instance);

    internal static IReadOnlyList<string> Verify(string path, IFileSystem files) => IndexVerification.Problems(new IndexFolder(path, files));

    /// <summary>The committed items nearest to the query, nearest first, equal distances by <see cref="SearchResult.Id"/>.</summary>
    /// <exception cref="TernException">The query has another length, the options make no sense, or a file is damaged.</exception>
    public IReadOnlyList<SearchResult> Search(BinaryCode query, SearchOptions? options = null) => Explain(query, options).Results;

    /// <summary>The same for a code that is known to come from a model, which must be the index's.</summary>
    /// <exception cref="TernException">The model is another.</exception>
    public IReadOnlyList<SearchResult> Search(ModelCode query, SearchOptions? options = null) => Explain(query, options).Results;

    /// <summary>The same, and how it was found.</summary>
    /// <exception cref="TernException">As for a search.</exception>
    public IndexAnswer Explain(BinaryCode query, SearchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Read(held => held.Search(query, options ?? new SearchOptions()));
    }

    /// <summary>The same for a code that is known to come from a model, which must be the index's.</summary>
    /// <exception cref="TernException">The model is another.</exception>
    public IndexAnswer Explain(ModelCode query, SearchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        RequireModel(query.ModelIdentity);
        return Explain(query.Code, options);
    }

    /// <summary>Groups of committed items whose codes lie within a radius (inclusive) of each other, directly or through others.</summary>
    /// <exception cref="TernException">The request makes no sense.</exception>
    public IndexGroups Groups(int radius, JoinRequest? request = null) => Read(held => held.Groups(radius, request ?? new JoinRequest()));

    /// <summary>The committed item with a key, without its descriptor; null if there is none.</summary>
    /// <exception cref="TernException">There cannot be such a key, or a file is damaged.</exception>
    public CodeRecord? Get(string key)
    {
        byte[] utf8 = PreparedItem.KeyOf(key);
        return Read(held => held.Find(utf8, KeyTable.Hash(utf8)) is not { } place ? null
            : new CodeRecord(key, held.CodeOf(place)) { Label = held.ToItem(place).Label, Attributes = held.ToItem(place).Attributes, ModelIdentity = held.Manifest.Model });
    }

    /// <summary>The committed items, or those a filter lets through, by id: as they are when the first is asked for.</summary>
    /// <exception cref="TernException">The filter asks for what the items do not have, or a file is damaged.</exception>
    public IEnumerable<IndexItem> Items(ItemFilter? filter = null)
    {
        Snapshot held = Hold();
        try
        {
            foreach (IndexItem item in held.Items(filter))
                yield return item;
        }
        finally
        {
            held.Release();
        }
    }

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

    private T Read<T>(Func<Snapshot, T> read)
    {
        Snapshot held = Hold();
        try
        {
            return read(held);
        }
        finally
        {
            held.Release();
        }
    }

    // The present snapshot; where it is freed just now, there is a newer one already.
    private Snapshot Hold()
    {
        while (true)
        {
            Snapshot now = snapshot;
            if (now.TryHold())
                return now;
            ObjectDisposedException.ThrowIf(closed, this);
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
                next.BuildTables(Environment.ProcessorCount);
        }
        finally
        {
            next.Hold(); // whatever becomes of the tables: the disk says so already
            snapshot = next;
            before.Release();
        }
    }
}
