using Tern.Codes;
using Tern.Index;
using Tern.Postgres.Searching;

namespace Tern.Postgres;

public sealed partial class PostgresIndex
{
    /// <summary>The items nearest to the query, nearest first, equal distances by <see cref="SearchResult.Id"/>.</summary>
    /// <param name="query">A code of the same length.</param>
    /// <param name="options">What to search for. <see cref="SearchOptions.Threads"/> is the server's to decide; a forced <see cref="Tern.Search.SearchPlan.Hashing"/>
    /// goes on as far as a statement can name buckets (2^16), then scans. There are no descriptors: <see cref="SearchOptions.RerankAmong"/> is refused.</param>
    /// <param name="cancellationToken">Calls it off, on the servers too.</param>
    /// <exception cref="TernException">The query has another length, the options make no sense, or a shard gave no answer:
    /// <see cref="ExplainAsync(BinaryCode, SearchOptions, CancellationToken)"/> gives what the others found.</exception>
    public async Task<IReadOnlyList<SearchResult>> SearchAsync(BinaryCode query, SearchOptions? options = null, CancellationToken cancellationToken = default) =>
        Complete(await ExplainAsync(query, options, cancellationToken));

    /// <summary>The same for a code that is known to come from a model, which must be the collection's.</summary>
    /// <exception cref="TernException">As the other overload; or the model is another.</exception>
    public async Task<IReadOnlyList<SearchResult>> SearchAsync(ModelCode query, SearchOptions? options = null, CancellationToken cancellationToken = default) =>
        Complete(await ExplainAsync(query, options, cancellationToken));

    /// <summary>What was found, and how each shard found it. A shard that fails is named there, and the others' items are the answer
    /// (<see cref="PostgresAnswer.IsComplete"/>).</summary>
    /// <exception cref="TernException">The query has another length, or the options make no sense.</exception>
    public async Task<PostgresAnswer> ExplainAsync(BinaryCode query, SearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        CodeQuery asked = CodeQuery.From(query, options ?? new SearchOptions(), identity);
        return Join(asked, await Shards.TryEachAsync(shards, shard => ShardSearch.RunAsync(shard, asked, cancellationToken)));
    }

    /// <summary>The same for a code that is known to come from a model, which must be the collection's.</summary>
    /// <exception cref="TernException">As the other overload; or the model is another.</exception>
    public Task<PostgresAnswer> ExplainAsync(ModelCode query, SearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        RequireModel(query.ModelIdentity);
        return ExplainAsync(query.Code, options, cancellationToken);
    }

    private static PostgresAnswer Join(CodeQuery asked, Outcome<ShardFound>[] outcomes) => new(
        asked.Merge(outcomes.SelectMany(shard => shard.Value?.Results ?? [])),
        [.. outcomes.Select(shard => shard.Value?.How ?? new ShardAnswer { Shard = shard.Shard.Name, Error = Shard.Explain(shard.Failure!) })]);

    private static IReadOnlyList<SearchResult> Complete(PostgresAnswer answer)
    {
        if (answer.IsComplete)
            return answer.Results;
        string failed = string.Join("; ", answer.Shards.Where(shard => shard.Error is not null).Select(shard => $"shard \"{shard.Shard}\": {shard.Error}"));
        throw new TernException($"The search is not complete: {failed}. Search again when it can be reached, or take what the others found from ExplainAsync.");
    }
}
