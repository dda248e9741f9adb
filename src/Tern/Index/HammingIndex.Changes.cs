using System.Globalization;
using Tern.Codes;

namespace Tern.Index;

public sealed partial class HammingIndex
{
    private IndexWriter Writer
    {
        get
        {
            ObjectDisposedException.ThrowIf(closed, this);
            return writer ?? throw new TernException($"The index {folder.Path} is open for reading; open it with Writable to change it.");
        }
    }

    /// <summary>Adds an item, in place of one with the same key. Takes effect with the next <see cref="Commit"/>.</summary>
    /// <exception cref="TernException">Something about the item cannot be kept (the message says what), or the index is open for reading.</exception>
    public void Add(CodeRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.ModelIdentity is { } model)
            RequireModel(model);
        PreparedItem item = PreparedItem.Of(record, snapshot.Shape, ModelIdentity);
        lock (gate)
            Writer.Put(item.Row);
    }

    /// <summary>Adds an item, in place of one with the same key. Takes effect with the next <see cref="Commit"/>.</summary>
    /// <param name="key">The caller's name for it, 1 to 4096 bytes of UTF-8.</param>
    /// <param name="code">Its code.</param>
    /// <param name="label">Its label, if it has one.</param>
    /// <exception cref="TernException">The code has another length, the key is empty or too long, or the index is open for
    /// reading.</exception>
    public void Add(string key, BinaryCode code, string? label = null) => Add(new CodeRecord(key, code) { Label = label });

    /// <summary>The same for a number as the key: its decimal digits are the key.</summary>
    /// <exception cref="TernException">As the other overload.</exception>
    public void Add(long key, BinaryCode code, string? label = null) => Add(key.ToString(CultureInfo.InvariantCulture), code, label);

    /// <summary>Adds an item whose code is known to come from a model, which must be the index's.</summary>
    /// <exception cref="TernException">As the other overload; or the model is another.</exception>
    public void Add(string key, ModelCode code, string? label = null)
    {
        ArgumentNullException.ThrowIfNull(code);
        Add(new CodeRecord(key, code.Code) { Label = label, ModelIdentity = code.ModelIdentity });
    }

    /// <summary>Adds many items under numbers, the decimal digits of which are their keys, each in place of one with the same key; several times as fast as one by one. Takes effect with the
    /// next <see cref="Commit"/>.</summary>
    /// <param name="keys">[N], one for each code.</param>
    /// <param name="codes">[N, bits]</param>
    /// <param name="labels">[N], null where an item has none; or nothing at all.</param>
    /// <exception cref="TernException">There are more or fewer keys or labels than codes, or the codes have another length: then none is added. Or too many wait to be
    /// committed (33 million, or half a GiB of keys and labels): then those before do.</exception>
    public void AddRange(ReadOnlySpan<long> keys, PackedCodes codes, ReadOnlySpan<string?> labels = default)
    {
        ArgumentNullException.ThrowIfNull(codes);
        if (codes.Bits != Bits)
            throw new TernException($"The codes have {codes.Bits} bits and the index {Bits}; use the model the index was made with ({ModelIdentity}).");
        if (keys.Length != codes.Count || (labels.Length != codes.Count && !labels.IsEmpty))
            throw new TernException($"There are {codes.Count} codes, {keys.Length} keys and {labels.Length} labels; give a key for each code, and a label for each or none at all.");
        if (Descriptor is not null)
            throw new TernException("The index keeps a descriptor for each item; add items with theirs, one by one.");
        Dictionary<string, byte[]> kept = [];
        foreach (string? label in labels)
            if (label is not null && !kept.ContainsKey(label))
                kept[label] = PreparedItem.LabelOf(label);
        Span<byte> digits = stackalloc byte[20];
        lock (gate)
        {
            IndexWriter writing = Writer;
            writing.Expect(keys.Length);
            for (int i = 0; i < keys.Length; i++)
            {
                keys[i].TryFormat(digits, out int length, provider: CultureInfo.InvariantCulture);
                writing.Put(new ItemRow
                {
                    Id = 0, Key = digits[..length], Code = codes.WordsOf(i), Label = labels.IsEmpty || labels[i] is not { } label ? default : kept[label],
                    Attributes = default, Descriptor = default,
                });
            }
        }
    }

    /// <summary>Removes the item with this key; false if there is none. Takes effect with the next <see cref="Commit"/>.</summary>
    /// <exception cref="TernException">There cannot be such a key, or the index is open for reading.</exception>
    public bool Remove(string key)
    {
        byte[] utf8 = PreparedItem.KeyOf(key);
        lock (gate)
            return Writer.Remove(snapshot, utf8);
    }

    /// <summary>Makes all changes since the last commit durable, and visible to searches, together.</summary>
    /// <exception cref="TernException">The disk refused, or the index is open for reading. The changes still wait.</exception>
    public void Commit()
    {
        lock (gate)
        {
            CommitNow(intoSegment: false);
            StartMerging();
        }
    }

    /// <summary>The same without waiting for the disk.</summary>
    public Task CommitAsync(CancellationToken cancellation = default) => Task.Run(() => Commit(), cancellation);

    /// <inheritdoc/>
    /// <remarks>Commits what else waits as well.</remarks>
    public Task UpsertAsync(CodeRecord record, CancellationToken cancellation = default) => UpsertAsync(new[] { record }, cancellation);

    /// <inheritdoc/>
    /// <remarks>Commits what else waits as well. If that fails and nothing else waited, nothing waits afterwards either.</remarks>
    public Task UpsertAsync(IEnumerable<CodeRecord> records, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        return Task.Run(() =>
        {
            List<PreparedItem> items = [];
            foreach (CodeRecord record in records)
            {
                cancellation.ThrowIfCancellationRequested();
                if (record.ModelIdentity is { } model)
                    RequireModel(model);
                items.Add(PreparedItem.Of(record, snapshot.Shape, ModelIdentity));
            }
            Change(writing => items.ForEach(item => writing.Put(item.Row)));
        }, cancellation);
    }

    /// <inheritdoc/>
    /// <remarks>Commits what else waits as well.</remarks>
    public Task DeleteAsync(string key, CancellationToken cancellation = default) => DeleteAsync(new[] { key }, cancellation);

    /// <inheritdoc/>
    /// <remarks>Commits what else waits as well. If that fails and nothing else waited, nothing waits afterwards either.</remarks>
    public Task DeleteAsync(IEnumerable<string> keys, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return Task.Run(() =>
        {
            List<byte[]> all = [.. keys.Select(PreparedItem.KeyOf)];
            cancellation.ThrowIfCancellationRequested();
            Change(writing => all.ForEach(key => writing.Remove(snapshot, key)));
        }, cancellation);
    }

    private void Change(Action<IndexWriter> change)
    {
        lock (gate)
        {
            IndexWriter writing = Writer;
            bool alone = writing.Waiting == 0;
            try
            {
                change(writing);
                CommitNow(intoSegment: false);
            }
            catch when (alone)
            {
                writing.Forget();
                throw;
            }
            StartMerging();
        }
    }

    private void CommitNow(bool intoSegment)
    {
        Snapshot next = Writer.Commit(snapshot, intoSegment);
        try
        {
            Publish(next);
        }
        finally
        {
            Writer.Flush(); // even where there was no memory for tables: the commit is in place
        }
    }
}
