using Tern.Codes;
using Tern.Search;

namespace Tern.Index;

/// <summary>A collection of binary codes in a folder, searched exactly.</summary>
/// <remarks>
/// After <see cref="Commit"/> returns, a crash or power loss loses nothing; before, nothing is half there. Searches see what was
/// committed and never wait; one writer and any number of readers, threads or processes, may use the folder at the same time.
/// </remarks>
public sealed class HammingIndex : IDisposable
{
    private readonly IndexFolder folder;
    private readonly Lock gate = new();
    private readonly IndexWriter? writer;
    private readonly bool hashing;
    private volatile Snapshot snapshot;

    private HammingIndex(IndexFolder folder, IndexOptions options)
    {
        this.folder = folder;
        hashing = options.Hashing;
        FileStream? heldLock = options.Writable ? folder.Lock() : null;
        try
        {
            snapshot = Prepared(Snapshot.Load(folder, null));
            if (heldLock is null)
                return;
            writer = new IndexWriter(folder, heldLock, snapshot);
            folder.DeleteOthers(snapshot.Manifest);
        }
        catch (Exception cause)
        {
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

    /// <summary>How many committed items there are.</summary>
    public long Count => snapshot.Count;

    /// <summary>Makes an empty index and opens it as the writer.</summary>
    /// <param name="path">A folder that does not exist yet, or is empty.</param>
    /// <param name="bits">Code length, 1 to 1024.</param>
    /// <param name="modelIdentity">Identity of the model whose codes it will hold.</param>
    /// <exception cref="TernException">The folder holds something already, or cannot be written.</exception>
    public static HammingIndex Create(string path, int bits, string modelIdentity)
    {
        BinaryCode.RequireBits(bits);
        ArgumentException.ThrowIfNullOrEmpty(modelIdentity);
        IndexFolder folder = new(path);
        try
        {
            if (Directory.Exists(folder.Path) && Directory.EnumerateFileSystemEntries(folder.Path).Any())
                throw new TernException($"{folder.Path} is not empty; open the index it holds, or create one elsewhere.");
            Directory.CreateDirectory(folder.Path);
            using (folder.Lock())
                folder.ReplaceManifest(IndexManifest.Empty(bits, modelIdentity));
            DurableDirectory.Flush(folder.Path);
            DurableDirectory.Flush(Path.GetDirectoryName(folder.Path) ?? folder.Path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"No index could be created in {folder.Path}: {cause.Message}", cause);
        }
        return new HammingIndex(folder, new IndexOptions { Writable = true });
    }

    /// <summary>Opens an index. Every file is read and its checksum compared.</summary>
    /// <exception cref="TernException">It is missing, damaged (the message names the file), newer, or has a writer already.</exception>
    public static HammingIndex Open(string path, IndexOptions? options = null) => new(new IndexFolder(path), options ?? new IndexOptions());

    /// <summary>Reads every file of an index again and says what is wrong with it, one line each; nothing if it is sound.</summary>
    /// <remarks>For an index that nobody is writing: a merge beside it looks like missing files.</remarks>
    public static IReadOnlyList<string> Verify(string path) => IndexVerification.Problems(new IndexFolder(path));

    /// <summary>Adds an item, in place of one with the same key. Takes effect with the next <see cref="Commit"/>.</summary>
    /// <param name="key">The caller's name for it, 1 to 4096 bytes of UTF-8.</param>
    /// <param name="code">Its code.</param>
    /// <param name="label">Its label, if it has one.</param>
    /// <exception cref="TernException">The code has another length, the key is empty or too long, or the index is open for
    /// reading.</exception>
    public void Add(string key, BinaryCode code, string? label = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(code);
        if (code.Bits != Bits)
            throw new TernException(
                $"The code of \"{key}\" has {code.Bits} bits and the index {Bits}; "
                + $"use the model the index was made with ({ModelIdentity}).");
        lock (gate)
            Writer.Add(key, code, label);
    }

    /// <summary>Adds an item whose code is known to come from a model, which must be the index's.</summary>
    /// <exception cref="TernException">As the other overload; or the model is another.</exception>
    public void Add(string key, ModelCode code, string? label = null)
    {
        ArgumentNullException.ThrowIfNull(code);
        RequireModel(code.ModelIdentity);
        Add(key, code.Code, label);
    }

    /// <summary>Removes the item with this key; false if there is none. Takes effect with the next <see cref="Commit"/>.</summary>
    /// <exception cref="TernException">The index is open for reading.</exception>
    public bool Remove(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (gate)
            return Writer.Remove(key);
    }

    /// <summary>Makes all changes since the last commit durable, and visible to searches, together.</summary>
    /// <exception cref="TernException">The disk refused, or the index is open for reading. The changes still wait.</exception>
    public void Commit()
    {
        lock (gate)
        {
            snapshot = Prepared(Writer.Replace(snapshot));
            Writer.Flush(snapshot);
        }
    }

    /// <summary>Takes over what a writer elsewhere has committed since; whether there was anything.</summary>
    public bool Refresh()
    {
        lock (gate)
        {
            Snapshot before = snapshot;
            if (writer is null)
                snapshot = Prepared(Snapshot.Load(folder, before));
            return snapshot.Manifest.Sha256 != before.Manifest.Sha256;
        }
    }

    /// <summary>The committed items nearest to the query, nearest first, equal distances by <see cref="SearchResult.Id"/>.</summary>
    /// <exception cref="TernException">The query has another length, or the options make no sense.</exception>
    public IReadOnlyList<SearchResult> Search(BinaryCode query, SearchOptions? options = null) => Explain(query, options).Results;

    /// <summary>The same, and how it was found.</summary>
    /// <exception cref="TernException">As for a search.</exception>
    public IndexAnswer Explain(BinaryCode query, SearchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        return snapshot.Search(query, options ?? new SearchOptions());
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
    public IndexGroups Groups(int radius, JoinRequest? request = null) => snapshot.Groups(radius, request ?? new JoinRequest());

    /// <summary>The same for a code that is known to come from a model, which must be the index's.</summary>
    /// <exception cref="TernException">The model is another.</exception>
    public IReadOnlyList<SearchResult> Search(ModelCode query, SearchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        RequireModel(query.ModelIdentity);
        return Search(query.Code, options);
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

    /// <summary>Releases the writer's lock. Changes that were not committed are gone.</summary>
    public void Dispose() => writer?.Dispose();

    private Snapshot Prepared(Snapshot next)
    {
        if (hashing)
            next.BuildTables(Environment.ProcessorCount);
        return next;
    }

    private IndexWriter Writer => writer
        ?? throw new TernException($"The index {folder.Path} is open for reading; open it with Writable to change it.");
}
