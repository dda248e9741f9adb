using Tern.Index;
using Tern.Search;

namespace Tern.Postgres;

/// <summary>What was found, and how each shard found it.</summary>
/// <param name="Results">Nearest first, equal distances by id. Of the shards that answered.</param>
/// <param name="Shards">What each shard did, or why it gave no answer; in the order of the options.</param>
public sealed record PostgresAnswer(IReadOnlyList<SearchResult> Results, IReadOnlyList<ShardAnswer> Shards)
{
    /// <summary>Whether every shard answered. If not, <see cref="Results"/> lacks what the others hold, and <see cref="ShardAnswer.Error"/> says which and why.</summary>
    public bool IsComplete => Shards.All(shard => shard.Error is null);

    /// <summary>A line for each shard, for people.</summary>
    public override string ToString() => string.Join(Environment.NewLine, Shards);
}

/// <summary>What a shard did for a search.</summary>
public sealed record ShardAnswer
{
    /// <summary>The shard's name.</summary>
    public required string Shard { get; init; }

    /// <summary>Why it gave no answer; null if it did.</summary>
    public string? Error { get; init; }

    /// <summary>How it searched; null if it gave no answer or an approximate one.</summary>
    public SearchPlan? Plan { get; init; }

    /// <summary>Whether the answer comes from an approximate index, which may lack items, most of all among duplicates.</summary>
    public bool Approximate { get; init; }

    /// <summary>The rounds in which the indexes of chunks were asked, with growing radius. The last of them gave the answer, unless a scan did.</summary>
    public IReadOnlyList<SearchRound> Rounds { get; init; } = [];

    /// <summary>Items the shard holds, by the server's estimate.</summary>
    public long Codes { get; init; }

    /// <summary>Items that a scan read, by the same estimate; 0 without a scan.</summary>
    public long Scanned { get; init; }

    /// <summary>Items it found.</summary>
    public int Found { get; init; }

    /// <summary>How long it took, from taking a connection to the last row.</summary>
    public double Milliseconds { get; init; }

    /// <summary>On one line, for people.</summary>
    public override string ToString()
    {
        if (Error is not null)
            return $"{Shard}: no answer: {Error}";
        string rounds = string.Concat(Rounds.Select(round => FormattableString.Invariant(
            $"; radius {round.Radius}: {round.Probes} buckets, {round.Candidates} codes, {(round.Fetched == 0 ? "" : $"{round.Fetched} looked up, ")}{(round.GivenUp ? "given up" : $"{round.Found} found")}")));
        return FormattableString.Invariant(
            $"{Shard}: {(Approximate ? "approximate" : Plan.ToString())}: {Scanned} of about {Codes} codes scanned, {Found} found in {Milliseconds:0.00} ms{rounds}");
    }
}

/// <summary>A round of a search: everything up to a distance, from the indexes of chunks.</summary>
/// <param name="Radius">The distance up to which it finds all.</param>
/// <param name="Probes">Buckets asked for.</param>
/// <param name="Candidates">Codes in them, compared with the query; a code counts once in each bucket it is met in.</param>
/// <param name="Found">Items of the answer so far: at most as many as were asked for.</param>
/// <param name="GivenUp">Whether it was ended because a scan had become the cheaper way: buckets held more codes than the planner allows.</param>
public sealed record SearchRound(int Radius, long Probes, long Candidates, int Found, bool GivenUp)
{
    /// <summary>Items near enough that were looked up to be asked for their filter or label, also in vain; 0 where neither is asked for.</summary>
    public long Fetched { get; init; }
}
