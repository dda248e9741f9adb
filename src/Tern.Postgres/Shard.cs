using System.Data.Common;
using System.Net.Sockets;
using Npgsql;
using NpgsqlTypes;
using Tern.Postgres.Layouts;

namespace Tern.Postgres;

/// <summary>One server of a collection: its connections, and what is known of its tables.</summary>
internal sealed class Shard : IAsyncDisposable
{
    private const int PreparedStatements = 32;
    private static readonly TimeSpan EstimateLasts = TimeSpan.FromMinutes(1);

    private readonly NpgsqlDataSource source;
    private readonly PostgresOptions options;
    private readonly IReadOnlyList<Migration> migrations;
    private volatile Layout? layout;
    private volatile Estimate? estimate;

    private sealed record Estimate(long Rows, long Taken);

    /// <exception cref="TernException">The connection string is none.</exception>
    public Shard(PostgresOptions options, int number, IReadOnlyList<Migration> migrations)
    {
        (this.options, Number, this.migrations) = (options, number, migrations);
        try
        {
            NpgsqlDataSourceBuilder builder = new(options.Shards[number].ConnectionString);
            if (options.Prepare && builder.ConnectionStringBuilder.MaxAutoPrepare == 0)
                builder.ConnectionStringBuilder.MaxAutoPrepare = PreparedStatements;
            builder.ConnectionStringBuilder.IncludeErrorDetail = true; // which key is there already
            source = builder.Build();
        }
        catch (ArgumentException cause)
        {
            throw new TernException($"The connection string of shard \"{Name}\" cannot be used: {cause.Message}", cause);
        }
    }

    /// <summary>Its place among the shards, from 0.</summary>
    public int Number { get; }

    public string Name => options.Shards[Number].Name;

    /// <summary>What all shards hold, as soon as one of them has said so.</summary>
    public Identity? Expected { get; set; }

    public TimeProvider Time => options.Time;

    public ValueTask<NpgsqlConnection> ConnectAsync(CancellationToken cancellation) => source.OpenConnectionAsync(cancellation);

    /// <summary>The tables, on one of its connections.</summary>
    public LayoutTables TablesOn(NpgsqlConnection connection) => new(connection, options.Schema, migrations);

    /// <summary>What its tables hold. Read once, on a connection of its own.</summary>
    /// <exception cref="TernException">There are none, or they belong to another collection.</exception>
    public async ValueTask<Layout> LayoutAsync(CancellationToken cancellation)
    {
        if (layout is { } known)
            return known;
        await using NpgsqlConnection connection = await ConnectAsync(cancellation);
        if (options.Migrate)
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation);
            await TablesOn(connection).MigrateAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }
        Layout read = await TablesOn(connection).ReadAsync(cancellation);
        RequireSame(read);
        layout = read;
        return read;
    }

    /// <exception cref="TernException">What it holds is not what the other shards hold.</exception>
    public void RequireSame(Layout own)
    {
        if ((own.Shard, own.Shards) != (Number, options.Shards.Count))
            throw new TernException(
                $"It was made as shard {own.Shard + 1} of {own.Shards} and is given as shard {Number + 1} of {options.Shards.Count}; "
                + "give all shards, in the order they were made in");
        if (Expected is { } expected && own.Identity != expected)
            throw new TernException(
                $"It holds codes of {own.Bits} bits of model {own.Model}, and other shards of {expected.Bits} bits of model {expected.Model}; give the shards of one collection");
    }

    /// <summary>About how many items it holds: what the server believes, at most a minute old.</summary>
    public async ValueTask<long> RowsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (estimate is { } known && Time.GetElapsedTime(known.Taken) < EstimateLasts)
            return known.Rows;

        // Rows a page, as counted last, in today's pages; 80 a page where they were never counted.
        Statement question = new();
        question.Text = $"""
            select (case when reltuples > 0 and relpages > 0 then reltuples / relpages else 80 end * (pg_relation_size(oid) / current_setting('block_size')::int))::bigint
            from pg_class where oid = to_regclass({question.Value(NpgsqlDbType.Text, Layout.ItemsOf(options.Schema))})
            """;
        await using NpgsqlCommand command = question.On(connection);
        long rows = await command.ExecuteScalarAsync(cancellation) is long counted ? counted : 0;
        estimate = new Estimate(rows, Time.GetTimestamp());
        return rows;
    }

    /// <summary>Lets the next search ask again how many items there are.</summary>
    public void ForgetRows() => estimate = null;

    public ValueTask DisposeAsync() => source.DisposeAsync();

    /// <summary>Whether it is the shard that failed, not the program or the caller: a server that cannot be reached, died, refused or took too long, or tables that do
    /// not fit.</summary>
    public static bool IsFailure(Exception cause) => cause is DbException or TimeoutException or IOException or SocketException or TernException;

    /// <summary>Whether a failure says that the server is away, which may pass, and not that it or its tables are the wrong ones.</summary>
    public static bool IsAway(Exception cause) => cause switch
    {
        TernException => false,
        PostgresException error => error.IsTransient || error.SqlState.StartsWith("57", StringComparison.Ordinal), // operator intervention: shutting down, starting up, cancelled
        _ => true,
    };

    /// <summary>A failure as the caller gets it.</summary>
    /// <param name="otherwise">What it means, as the beginning of a sentence: "Nothing was changed".</param>
    /// <param name="cause">The failure.</param>
    public TernException Failed(string otherwise, Exception cause) => new($"{otherwise}: shard \"{Name}\": {Explain(cause)}.", cause);

    /// <summary>A failure in words.</summary>
    public static string Explain(Exception cause) => cause switch
    {
        PostgresException error => $"{error.MessageText} ({error.SqlState})",
        TernException => cause.Message,
        { InnerException: { } inner } => $"{cause.Message}: {inner.Message}",
        _ => cause.Message,
    };
}
