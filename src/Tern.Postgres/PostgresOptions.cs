using System.Text.RegularExpressions;

namespace Tern.Postgres;

/// <summary>A server that holds a part of a collection, or all of it.</summary>
/// <param name="Name">What answers and errors call it. A connection string, which may hold a password, is never shown.</param>
/// <param name="ConnectionString">Npgsql's, as <c>Host=db1;Database=pictures;Username=tern</c>. Its <c>Command Timeout</c> bounds a search.</param>
public sealed record PostgresShard(string Name, string ConnectionString);

/// <summary>Where a collection lies, and how it is reached.</summary>
public sealed partial record PostgresOptions
{
    /// <summary>The servers, always in the same order: an item's key says which of them it is on, by number.</summary>
    public required IReadOnlyList<PostgresShard> Shards { get; init; }

    /// <summary>The schema that holds the collection, on every shard; one collection a schema.</summary>
    public string Schema { get; init; } = "tern";

    /// <summary>Bring tables of an older layout up to date when they are opened. Without it they are refused.</summary>
    public bool Migrate { get; init; }

    /// <summary>Keep statements prepared on the server once they have been used a few times, so that it need not plan each search. Set it to false behind a connection
    /// pooler that hands a session from one client to another between transactions.</summary>
    public bool Prepare { get; init; } = true;

    /// <summary>The clock that searches are timed by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What is wrong with them.</summary>
    public IEnumerable<string> Problems()
    {
        if (Shards.Count == 0)
            yield return "shards: must be at least one; got none";
        if (Shards.Any(shard => string.IsNullOrWhiteSpace(shard.Name)))
            yield return "shards: each must have a name; got an empty one";
        foreach (var same in Shards.GroupBy(shard => shard.Name).Where(named => named.Count() > 1))
            yield return $"shards: names must differ; got \"{same.Key}\" {same.Count()} times";
        if (!SchemaName().IsMatch(Schema))
            yield return $"schema: must be 1 to 63 letters (a-z, A-Z), digits and _, not beginning with a digit; got \"{Schema}\"";
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]{0,62}\z")]
    private static partial Regex SchemaName();

    /// <exception cref="TernException">There are problems.</exception>
    internal void Require()
    {
        if (string.Join("; ", Problems()) is { Length: > 0 } problems)
            throw new TernException($"The collection cannot be reached like this: {problems}.");
    }
}
