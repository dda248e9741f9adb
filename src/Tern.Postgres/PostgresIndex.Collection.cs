using Tern.Codes;
using Tern.Index;

namespace Tern.Postgres;

// The calls that every collection of codes has, wherever it lies.
public sealed partial class PostgresIndex : ICodeCollection
{
    Task ICodeCollection.UpsertAsync(CodeRecord record, CancellationToken cancellation) => UpsertAsync([ItemOf(record)], cancellation);

    Task ICodeCollection.UpsertAsync(IEnumerable<CodeRecord> records, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(records);
        return UpsertAsync(records.Select(ItemOf), cancellation);
    }

    Task ICodeCollection.DeleteAsync(string key, CancellationToken cancellation) => RemoveAsync([key], cancellation);

    Task ICodeCollection.DeleteAsync(IEnumerable<string> keys, CancellationToken cancellation) => RemoveAsync(keys, cancellation);

    async Task<CodeRecord?> ICodeCollection.GetAsync(string key, CancellationToken cancellation)
    {
        IReadOnlyList<PostgresItem> found = await GetAsync([key], cancellation);
        return found.Count == 0 ? null
            : new CodeRecord(key, found[0].Code) { Label = found[0].Label, Attributes = found[0].Attributes, ModelIdentity = found[0].Model };
    }

    private static PostgresItem ItemOf(CodeRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.Descriptor.IsEmpty
            ? new PostgresItem(record.Key, record.Code, record.Label, record.Attributes) { Model = record.ModelIdentity }
            : throw new TernException($"A collection in PostgreSQL keeps no descriptors, but \"{record.Key}\" comes with one; leave it out.");
    }
}
