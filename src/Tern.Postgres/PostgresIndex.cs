using Npgsql;
using Tern.Codes;
using Tern.Index;
using Tern.Postgres.Layouts;
using Tern.Postgres.Searching;
using Tern.Postgres.Writing;

namespace Tern.Postgres;

/// <summary>A collection of binary codes in PostgreSQL (14 or newer, nothing installed in it), on one server or several, searched exactly.</summary>
/// <remarks>
/// Options and filters are those of <see cref="HammingIndex"/>, but for re-ranking, and the same items are found. Equal distances are ordered by id, which each shard gives. Every shard is asked at a time, on a connection
/// of its own; one that fails is named in the answer. May be used by several threads, and by several programs, at a time.
/// </remarks>
public sealed partial class PostgresIndex : IAsyncDisposable
{
    private readonly Shard[] shards;
    private readonly Identity identity;

    private PostgresIndex(Shard[] shards, Identity identity)
    {
        (this.shards, this.identity) = (shards, identity);
        foreach (Shard shard in shards)
            shard.Expected = identity;
    }

    /// <summary>Code length of all items.</summary>
    public int Bits => identity.Bits;

    /// <summary>Identity of the model the codes come from.</summary>
    public string ModelIdentity => identity.Model;

    /// <summary>Makes an empty collection, its tables on every shard or on none, and opens it.</summary>
    /// <param name="options">Where.</param>
    /// <param name="bits">Code length, 1 to 1024.</param>
    /// <param name="modelIdentity">Identity of the model whose codes it will hold.</param>
    /// <param name="expectedItems">About how many items it will hold in all; decides how codes are cut into chunks.</param>
    /// <param name="chunks">How many chunks, an index each; 0 for none, then every search is a scan. Null for what suits: 1 to 8 up to 256 bits, and none for longer
    /// codes.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <exception cref="TernException">A shard holds a collection in this schema, or cannot be reached.</exception>
    public static Task<PostgresIndex> CreateAsync(
        PostgresOptions options, int bits, string modelIdentity, long expectedItems = 1_000_000, int? chunks = null, CancellationToken cancellationToken = default) =>
        CreateAsync(options, new Identity(bits, modelIdentity), expectedItems, chunks, Migration.All, cancellationToken);

    /// <summary>Opens a collection.</summary>
    /// <remarks>A shard that cannot be reached now does not keep the others from being opened, as long as there is one; every search then names it until it can
    /// be.</remarks>
    /// <exception cref="TernException">There is none, its layout is another version's, its shards do not belong together, or no shard can be reached.</exception>
    public static Task<PostgresIndex> OpenAsync(PostgresOptions options, CancellationToken cancellationToken = default) => OpenAsync(options, Migration.All, cancellationToken);

    internal static async Task<PostgresIndex> CreateAsync(
        PostgresOptions options, Identity identity, long expectedItems, int? chunks, IReadOnlyList<Migration> migrations, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(identity.Model);
        BinaryCode.RequireBits(identity.Bits);
        options.Require();
        int count = chunks ?? CodeChunks.For(identity.Bits, expectedItems / options.Shards.Count), least = (identity.Bits + CodeChunks.MaxWidth - 1) / CodeChunks.MaxWidth;
        if (count != 0 && (count < least || count > identity.Bits))
            throw new TernException($"chunks: must be 0, or {least} to {identity.Bits} for codes of {identity.Bits} bits, as a chunk has 1 to {CodeChunks.MaxWidth}; got {count}.");

        Shard[] shards = Connect(options, migrations);
        try
        {
            await using ShardTransactions writing = await ShardTransactions.BeginAsync(shards, cancellation);
            await writing.EachAsync(async (shard, connection) =>
            {
                Layout layout = new(options.Schema, identity.Bits, identity.Model, count, shard.Number, shards.Length);
                await shard.TablesOn(connection).CreateAsync(layout, cancellation);
                return layout;
            });
            await writing.CommitAsync();
            return new PostgresIndex(shards, identity);
        }
        catch
        {
            await DisposeAsync(shards);
            throw;
        }
    }

    internal static async Task<PostgresIndex> OpenAsync(PostgresOptions options, IReadOnlyList<Migration> migrations, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Require();
        Shard[] shards = Connect(options, migrations);
        try
        {
            Outcome<Layout>[] read = await Shards.TryEachAsync(shards, async shard => await shard.LayoutAsync(cancellation));
            if (read.FirstOrDefault(shard => shard.Failure is { } failure && !Shard.IsAway(failure))?.Failure is { } wrong)
                throw new TernException($"The collection cannot be opened: {Shards.Failures(read)}.", wrong);
            if (read.FirstOrDefault(shard => shard.Value is not null)?.Value is not { } first)
                throw new TernException($"No shard of the collection can be reached: {Shards.Failures(read)}.", read[0].Failure!);
            PostgresIndex index = new(shards, first.Identity);
            await Shards.EachAsync([.. read.Where(shard => shard.Value is not null).Select(shard => shard.Shard)], "The collection cannot be opened", async shard =>
            {
                Layout layout = await shard.LayoutAsync(cancellation);
                shard.RequireSame(layout); // as the first, which none knew before
                return layout;
            });
            return index;
        }
        catch
        {
            await DisposeAsync(shards);
            throw;
        }
    }

    /// <summary>How many items there are.</summary>
    /// <exception cref="TernException">A shard failed.</exception>
    public Task<long> CountAsync(CancellationToken cancellationToken = default) => ItemChanges.CountAsync(shards, cancellationToken);

    /// <summary>The items with these keys, as far as there are such, in the order of the keys.</summary>
    /// <exception cref="TernException">A shard failed.</exception>
    public Task<IReadOnlyList<PostgresItem>> GetAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return ItemChanges.GetAsync(shards, keys, cancellationToken);
    }

    /// <summary>Adds many new items by binary COPY, all or none, then tidies up (<see cref="VacuumAsync"/>). Fastest into an empty collection: its indexes are built
    /// once all are there; searches wait until then.</summary>
    /// <param name="items">The items; read once, in order. Ids are given in this order on each shard.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <exception cref="TernException">A key is there already or comes twice, an item cannot be held or is of another model, or a shard failed.</exception>
    public async Task LoadAsync(IEnumerable<PostgresItem> items, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        await BulkLoad.RunAsync(shards, identity, items, cancellationToken);
        try
        {
            await VacuumAsync(cancellationToken);
        }
        catch (TernException cause)
        {
            throw new TernException($"All items are loaded and need not be loaded again, but tidying up failed; searches are slower until the servers have done it, or VacuumAsync. {cause.Message}", cause);
        }
    }

    /// <summary>Adds items, each in place of one with the same key, which gets a new id; all or none. Of two with one key the later one stays.</summary>
    /// <exception cref="TernException">An item cannot be held or is of another model, or a shard failed.</exception>
    public Task UpsertAsync(IEnumerable<PostgresItem> items, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        return ItemChanges.UpsertAsync(shards, identity, items, cancellationToken);
    }

    /// <summary>Removes items, all or none; returns how many there were. A key that no item has is passed over.</summary>
    /// <exception cref="TernException">A shard failed.</exception>
    public Task<long> RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return ItemChanges.RemoveAsync(shards, keys, cancellationToken);
    }

    /// <summary>
    /// Tidies up after many changes: space of removed items can be used again, and the server knows that its indexes are enough to answer from and how many items there
    /// are. The server does the same by itself (autovacuum), some time later.
    /// </summary>
    /// <exception cref="TernException">A shard failed.</exception>
    public Task VacuumAsync(CancellationToken cancellationToken = default) => Shards.EachAsync(shards, "Not every shard was tidied up", async shard =>
    {
        Layout layout = await shard.LayoutAsync(cancellationToken);
        await using NpgsqlConnection connection = await shard.ConnectAsync(cancellationToken);
        await using NpgsqlCommand command = new($"vacuum (analyze) {layout.Items}", connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
        shard.ForgetRows();
        return layout;
    });

    /// <summary>Fails unless this is the model the collection was made with: distances between codes of two models mean nothing.</summary>
    /// <exception cref="TernException">It is another; the message names both.</exception>
    public void RequireModel(string modelIdentity)
    {
        if (modelIdentity != ModelIdentity)
            throw new TernException(
                $"The collection was made with model {ModelIdentity}, this code comes from model {modelIdentity}; use the right model, or make another collection.");
    }

    /// <summary>Closes all connections.</summary>
    public ValueTask DisposeAsync() => DisposeAsync(shards);

    private static Shard[] Connect(PostgresOptions options, IReadOnlyList<Migration> migrations) =>
        [.. Enumerable.Range(0, options.Shards.Count).Select(number => new Shard(options, number, migrations))];

    private static async ValueTask DisposeAsync(IEnumerable<Shard> shards)
    {
        foreach (Shard shard in shards)
            await shard.DisposeAsync();
    }
}
