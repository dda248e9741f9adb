using Npgsql;
using NpgsqlTypes;

namespace Tern.Postgres.Layouts;

/// <summary>Makes, reads and brings up to date the tables of a collection on one server. Changes want a transaction around them.</summary>
/// <param name="connection">The server.</param>
/// <param name="schema">The schema.</param>
/// <param name="migrations">The steps up to the newest version.</param>
internal sealed class LayoutTables(NpgsqlConnection connection, string schema, IReadOnlyList<Migration> migrations)
{
    private const int OldestServer = 14; // the first with bit_count

    private int Newest => migrations[^1].Version;

    /// <summary>Makes empty tables.</summary>
    /// <exception cref="TernException">There are some already, or the server is too old.</exception>
    public async Task CreateAsync(Layout layout, CancellationToken cancellation)
    {
        RequireServer();
        await LockAsync(cancellation);
        if (await ExistsAsync(cancellation))
            throw new TernException($"The schema {schema} holds a collection already; open it, or choose another schema");
        await RunAsync($"create schema if not exists \"{schema}\"", cancellation);
        foreach (Migration step in migrations)
            await RunAsync(step.Statements(layout), cancellation);

        Statement insert = new();
        insert.Text = $"""
            insert into {Layout.CollectionOf(schema)} (version, bits, model, chunks, shard, shards)
            values ({Newest}, {layout.Bits}, {insert.Value(NpgsqlDbType.Text, layout.Model)}, {layout.ChunkCount}, {layout.Shard}, {layout.Shards})
            """;
        await using NpgsqlCommand command = insert.On(connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Reads what the tables hold.</summary>
    /// <exception cref="TernException">There are none, they have another version than this program's, or the server is too old.</exception>
    public async Task<Layout> ReadAsync(CancellationToken cancellation)
    {
        RequireServer();
        int version = await VersionAsync(cancellation);
        if (version < Newest)
            throw new TernException($"The schema {schema} has layout version {version}, and this program needs {Newest}; open it once with PostgresOptions.Migrate");
        return await ReadRowAsync(cancellation);
    }

    /// <summary>Takes the steps that older tables lack. Does nothing to those of the newest version.</summary>
    /// <exception cref="TernException">There are no tables, they are newer, or the server is too old.</exception>
    public async Task MigrateAsync(CancellationToken cancellation)
    {
        RequireServer();
        await LockAsync(cancellation);
        int version = await VersionAsync(cancellation);
        foreach (Migration step in migrations.Where(step => step.Version > version))
            try
            {
                await RunAsync(step.Statements(await ReadRowAsync(cancellation)), cancellation);
                await RunAsync($"update {Layout.CollectionOf(schema)} set version = {step.Version}", cancellation);
            }
            catch (PostgresException cause) when (!Shard.IsAway(cause))
            {
                throw new TernException(
                    $"The tables of the schema {schema} stay at layout version {version}, version {step.Version} could not be reached: {Shard.Explain(cause)}", cause);
            }
    }

    private async Task<int> VersionAsync(CancellationToken cancellation)
    {
        if (!await ExistsAsync(cancellation))
            throw new TernException($"The schema {schema} holds no collection; create one");
        await using NpgsqlCommand command = new($"select version from {Layout.CollectionOf(schema)}", connection);
        if (await command.ExecuteScalarAsync(cancellation) is not int version)
            throw new TernException($"The table collection of the schema {schema} is empty; restore it from a copy");
        if (version > Newest)
            throw new TernException($"The schema {schema} has layout version {version}, and this program knows up to {Newest}; update Tern");
        return version;
    }

    private async Task<Layout> ReadRowAsync(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new($"select bits, model, chunks, shard, shards from {Layout.CollectionOf(schema)}", connection);
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellation);
        if (!await row.ReadAsync(cancellation))
            throw new TernException($"The table collection of the schema {schema} is empty; restore it from a copy");
        return new Layout(schema, row.GetInt32(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4));
    }

    private async Task<bool> ExistsAsync(CancellationToken cancellation)
    {
        Statement question = new();
        question.Text = $"select to_regclass({question.Value(NpgsqlDbType.Text, Layout.CollectionOf(schema))}) is not null";
        await using NpgsqlCommand command = question.On(connection);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    // Two programs that make or change the same tables do so one after the other.
    private async Task LockAsync(CancellationToken cancellation)
    {
        Statement hold = new();
        hold.Text = $"select pg_advisory_xact_lock(hashtext({hold.Value(NpgsqlDbType.Text, $"tern.{schema}")}))";
        await using NpgsqlCommand command = hold.On(connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task RunAsync(string statements, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(statements, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private void RequireServer()
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
            throw new TernException($"It runs PostgreSQL {connection.PostgreSqlVersion}; at least {OldestServer} is needed");
    }
}
