using Tern.Codes;
using Tern.Search;

namespace Tern.Index;

public sealed partial class HammingIndex
{
    /// <summary>The committed items nearest to the query, nearest first, equal distances by <see cref="SearchResult.Id"/>.</summary>
    /// <exception cref="TernException">The query has another length, the options make no sense, or a file is damaged.</exception>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public IReadOnlyList<SearchResult> Search(BinaryCode query, SearchOptions? options = null, CancellationToken cancellation = default) =>
        Explain(query, options, cancellation).Results;

    /// <summary>The same for a code that is known to come from a model, which must be the index's.</summary>
    /// <exception cref="TernException">The model is another.</exception>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public IReadOnlyList<SearchResult> Search(ModelCode query, SearchOptions? options = null, CancellationToken cancellation = default) =>
        Explain(query, options, cancellation).Results;

    /// <summary>The same, and how it was found.</summary>
    /// <exception cref="TernException">As for a search.</exception>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public IndexAnswer Explain(BinaryCode query, SearchOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Read(held => held.Search(query, options ?? new SearchOptions(), cancellation));
    }

    /// <summary>The same for a code that is known to come from a model, which must be the index's.</summary>
    /// <exception cref="TernException">The model is another.</exception>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public IndexAnswer Explain(ModelCode query, SearchOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        RequireModel(query.ModelIdentity);
        return Explain(query.Code, options, cancellation);
    }

    /// <summary>Groups of committed items whose codes lie within a radius (inclusive) of each other, directly or through others.</summary>
    /// <exception cref="TernException">The request makes no sense.</exception>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public IndexGroups Groups(int radius, JoinRequest? request = null, CancellationToken cancellation = default) =>
        Read(held => held.Groups(radius, request ?? new JoinRequest(), cancellation));

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

    /// <inheritdoc/>
    public Task<CodeRecord?> GetAsync(string key, CancellationToken cancellation = default) => Task.Run(() => Get(key), cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SearchResult>> SearchAsync(BinaryCode query, SearchOptions? options = null, CancellationToken cancellation = default) =>
        Task.Run(() => Search(query, options, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SearchResult>> SearchAsync(ModelCode query, SearchOptions? options = null, CancellationToken cancellation = default) =>
        Task.Run(() => Search(query, options, cancellation), cancellation);

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
}
