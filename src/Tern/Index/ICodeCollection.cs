using Tern.Codes;

namespace Tern.Index;

/// <summary>
/// A collection of codes, wherever it lies: the folder of a <see cref="HammingIndex"/>, or a database. Shaped like the vector-store abstractions of .NET
/// (<c>VectorStoreCollection</c>), with a code in the place of the vector: the score of a result is its Hamming distance, smaller is nearer, and the score threshold
/// (<see cref="SearchOptions.Within"/>) is a maximum.
/// </summary>
/// <remarks>
/// What a call has changed is safe once its task has ended. All calls may be made from several threads at a time. "All or none" has one exception: of a collection on several servers one may
/// fail at the very last step, when others have committed; the error names both, and the same call made again ends in the same state.
/// </remarks>
public interface ICodeCollection
{
    /// <summary>Code length of all items.</summary>
    int Bits { get; }

    /// <summary>Identity of the model the codes come from.</summary>
    string ModelIdentity { get; }

    /// <summary>Adds an item, in place of the one with its key.</summary>
    Task UpsertAsync(CodeRecord record, CancellationToken cancellation = default);

    /// <summary>Adds items, in place of those with their keys: all of them or, if it fails, none.</summary>
    Task UpsertAsync(IEnumerable<CodeRecord> records, CancellationToken cancellation = default);

    /// <summary>Removes the item with a key, if there is one.</summary>
    Task DeleteAsync(string key, CancellationToken cancellation = default);

    /// <summary>Removes the items with these keys, as far as there are any: all of them or, if it fails, none.</summary>
    Task DeleteAsync(IEnumerable<string> keys, CancellationToken cancellation = default);

    /// <summary>The item with a key, without its descriptor; null if there is none.</summary>
    Task<CodeRecord?> GetAsync(string key, CancellationToken cancellation = default);

    /// <summary>The items nearest to a query, nearest first, ties by id.</summary>
    Task<IReadOnlyList<SearchResult>> SearchAsync(BinaryCode query, SearchOptions? options = null, CancellationToken cancellation = default);

    /// <summary>The same for a code that is known to come from a model, which must be the collection's.</summary>
    Task<IReadOnlyList<SearchResult>> SearchAsync(ModelCode query, SearchOptions? options = null, CancellationToken cancellation = default);
}
