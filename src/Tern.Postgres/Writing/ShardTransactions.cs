using Npgsql;

namespace Tern.Postgres.Writing;

/// <summary>A transaction on each of several shards. All have done their work before the first commits: a shard that fails before leaves every one as it was.</summary>
internal sealed class ShardTransactions : IAsyncDisposable
{
    /// <summary>What a failure means before anything was committed.</summary>
    public const string NothingChanged = "Nothing was changed";

    private readonly IReadOnlyList<Shard> shards;
    private readonly Dictionary<Shard, Part> parts;

    private sealed class Part
    {
        public NpgsqlConnection? Connection { get; set; }

        public NpgsqlTransaction? Transaction { get; set; }
    }

    private ShardTransactions(IReadOnlyList<Shard> shards) => (this.shards, parts) = (shards, shards.ToDictionary(shard => shard, _ => new Part()));

    /// <exception cref="TernException">A shard cannot be reached.</exception>
    public static async Task<ShardTransactions> BeginAsync(IReadOnlyList<Shard> shards, CancellationToken cancellation)
    {
        ShardTransactions begun = new(shards);
        try
        {
            await Shards.EachAsync(shards, NothingChanged, async shard =>
            {
                Part part = begun.parts[shard];
                part.Connection = await shard.ConnectAsync(cancellation);
                part.Transaction = await part.Connection.BeginTransactionAsync(cancellation);
                return part;
            });
            return begun;
        }
        catch
        {
            await begun.DisposeAsync();
            throw;
        }
    }

    /// <summary>The connection to a shard, in the transaction.</summary>
    public NpgsqlConnection this[Shard shard] => parts[shard].Connection!;

    /// <summary>Does something on every shard at a time.</summary>
    /// <exception cref="TernException">A shard failed; nothing will be changed.</exception>
    public Task<T[]> EachAsync<T>(Func<Shard, NpgsqlConnection, Task<T>> work) where T : class =>
        Shards.EachAsync(shards, NothingChanged, shard => work(shard, this[shard]));

    /// <summary>Keeps what was done.</summary>
    /// <exception cref="TernException">A shard failed at the last step; the message names those that have committed and those that may not have.</exception>
    public async Task CommitAsync()
    {
        Outcome<Part>[] outcomes = await Shards.TryEachAsync(shards, async shard =>
        {
            await parts[shard].Transaction!.CommitAsync(CancellationToken.None); // what is half committed cannot be called off
            return parts[shard];
        });
        if (outcomes.FirstOrDefault(outcome => outcome.Failure is not null)?.Failure is not { } failure)
            return;
        string done = string.Join(", ", outcomes.Where(outcome => outcome.Failure is null).Select(outcome => $"\"{outcome.Shard.Name}\""));
        throw new TernException(
            $"Not every shard has committed: {Shards.Failures(outcomes)}. {(done.Length == 0 ? "None" : done)} certainly did. "
            + "Do the same again when all shards can be reached.", failure);
    }

    /// <summary>Takes back what was not committed.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (Part part in parts.Values)
        {
            if (part.Transaction is not null)
                await part.Transaction.DisposeAsync();
            if (part.Connection is not null)
                await part.Connection.DisposeAsync();
        }
    }
}
