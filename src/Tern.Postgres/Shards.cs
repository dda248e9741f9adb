namespace Tern.Postgres;

/// <summary>What one shard gave: a value, or why it gave none.</summary>
internal sealed record Outcome<T>(Shard Shard, T? Value, Exception? Failure) where T : class;

/// <summary>Does something on several shards at a time.</summary>
internal static class Shards
{
    /// <summary>Each shard's value, or its failure. What is no failure of a shard, such as a cancellation, is thrown once all have ended.</summary>
    public static Task<Outcome<T>[]> TryEachAsync<T>(IReadOnlyList<Shard> shards, Func<Shard, Task<T>> work) where T : class
    {
        return Task.WhenAll(shards.Select(TryAsync));

        async Task<Outcome<T>> TryAsync(Shard shard)
        {
            try
            {
                return new Outcome<T>(shard, await work(shard), null);
            }
            catch (Exception cause) when (Shard.IsFailure(cause))
            {
                return new Outcome<T>(shard, null, cause);
            }
        }
    }

    /// <summary>Each shard's value.</summary>
    /// <param name="shards">The shards.</param>
    /// <param name="otherwise">What a failure means, as the beginning of a sentence: "Nothing was changed".</param>
    /// <param name="work">What to do.</param>
    /// <exception cref="TernException">One or several failed; the message names each.</exception>
    public static async Task<T[]> EachAsync<T>(IReadOnlyList<Shard> shards, string otherwise, Func<Shard, Task<T>> work) where T : class
    {
        Outcome<T>[] outcomes = await TryEachAsync(shards, work);
        if (outcomes.FirstOrDefault(outcome => outcome.Failure is not null)?.Failure is { } first)
            throw new TernException($"{otherwise}: {Failures(outcomes)}.", first);
        return [.. outcomes.Select(outcome => outcome.Value!)];
    }

    /// <summary>The failures in words, each with the shard's name.</summary>
    public static string Failures<T>(IEnumerable<Outcome<T>> outcomes) where T : class =>
        string.Join("; ", outcomes.Where(outcome => outcome.Failure is not null).Select(outcome => $"shard \"{outcome.Shard.Name}\": {Shard.Explain(outcome.Failure!)}"));
}
