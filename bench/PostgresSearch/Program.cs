// Exact search in PostgreSQL over made 64-bit codes, on one server and on two, which it starts and stops itself (Debian's packages, on the loopback address).
//   PostgresSearch COUNT      prints a JSON object a line: what, its median and 95th percentile; fails when an answer differs from the library's own
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;
using Tern.Codes;
using Tern.Index;
using Tern.Postgres;
using Tern.Postgres.Tests;
using Tern.Search;

const int Bits = 64, QueryCount = 2048, Labels = 100;
const string Model = "made codes";
int count = int.Parse(args[0], CultureInfo.InvariantCulture);
if (PostgresCluster.Missing is { } missing)
{
    Console.Error.WriteLine($"error: {missing}");
    return 1;
}

MadeCodes made = new("clustered", Bits), random = new("random", Bits);
PackedCodes codes = Make(made, count), queries = Make(made, QueryCount), farQueries = Make(random, QueryCount);
Timing near = new(queries), far = new(farQueries);
CodeSearch library = CodeSearch.Over(codes, hashing: true, threads: Environment.ProcessorCount);

try
{
    await Run();
    return 0;
}
catch (Exception failure) // so that the servers are stopped first
{
    Console.Error.WriteLine(failure);
    return 1;
}

async Task Run()
{
    string[] settings = ["fsync = on", "shared_buffers = 3GB", "maintenance_work_mem = 1GB", "max_wal_size = 8GB"];
    using PostgresCluster first = new(settings), second = new(settings);
    PostgresCluster[] clusters = [first, second];
    using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Array.ForEach(clusters, cluster => cluster.Dispose()));
    using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Array.ForEach(clusters, cluster => cluster.Dispose()));
    PostgresShard one = new("one", first.ConnectionString), two = new("two", second.ConnectionString);
    near.Measure("round trip to the server", 100, _ => Ask(one, "select 1").GetAwaiter().GetResult());
    await using PostgresIndex whole = await Load("one server", new PostgresOptions { Shards = [one], Schema = "whole" });
    await using PostgresIndex halves = await Load("two servers", new PostgresOptions { Shards = [one, two], Schema = "halves" });

    // One after the other for each kind of search, so that both are measured on the machine as it is then.
    SearchOptions nearest = new();
    void Both(string what, SearchOptions options, int calls = 100, bool random = false)
    {
        Search("one server", what, whole, options, calls, random);
        Search("two servers", what, halves, options, calls, random);
    }
    Both("within 7", new SearchOptions { Top = null, Within = 7 });
    Both("10 nearest", nearest);
    Both("100 nearest", nearest with { Top = 100 });
    Both("10 nearest of a label that 1 % have", nearest with { Filter = ItemFilter.Labelled("7") }, calls: 10);
    Both("10 nearest to random codes", nearest, calls: 10, random: true);
    Both("10 nearest, scan", nearest with { Plan = SearchPlan.Scan }, calls: 10);
}

// What was loaded is written out before anything is measured.
async Task<PostgresIndex> Load(string servers, PostgresOptions options)
{
    PostgresIndex index = await PostgresIndex.CreateAsync(options, Bits, Model, expectedItems: count);
    long start = Stopwatch.GetTimestamp();
    await index.LoadAsync(Items());
    double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
    double bytesPerCode = await Bytes(options) / (double)count;
    Timing.Print(new { what = $"{servers}: load by COPY, indexes built, vacuumed", milliseconds = 1e3 * seconds, codesPerSecond = count / seconds, bytesPerCode });
    foreach (PostgresShard shard in options.Shards)
        await Ask(shard, "checkpoint");
    return index;
}

// Times searches and compares some with the library's. On two servers ids are others than positions, and with them the order of equal distances.
void Search(string servers, string what, PostgresIndex index, SearchOptions options, int calls, bool random)
{
    PackedCodes codesAsked = random ? farQueries : queries;
    PostgresAnswer[] answers = new PostgresAnswer[QueryCount];
    Range asked = (random ? far : near).Measure($"{servers}: {what}", calls, q => answers[q] = index.ExplainAsync(codesAsked[q], options).GetAwaiter().GetResult(), (_, asked) => new
    {
        found = answers[asked].Average(answer => answer.Results.Count),
        scans = answers[asked].Count(answer => answer.Shards.Any(shard => shard.Plan != SearchPlan.Hashing)),
        rounds = answers[asked].Average(answer => answer.Shards.Average(shard => shard.Rounds.Count)),
        probes = answers[asked].Average(answer => answer.Shards.Sum(shard => shard.Rounds.Sum(round => round.Probes))),
        candidates = answers[asked].Average(answer => answer.Shards.Sum(shard => shard.Rounds.Sum(round => round.Candidates))),
    });
    for (int q = asked.Start.Value; q < asked.End.Value; q += Math.Max(calls / 10, 1))
    {
        PostgresAnswer answer = answers[q];
        (string, int)[] ours = [.. answer.Results.Select(result => (result.Key, result.Distance))], expected = [.. Expected(codesAsked[q], options)];
        bool same = answer.Shards.Count == 1 ? ours.SequenceEqual(expected)
            : options.Top is null ? ours.Order().SequenceEqual(expected.Order())
            : ours.Select(result => result.Item2).SequenceEqual(expected.Select(result => result.Item2));
        if (!same || !answer.IsComplete)
            throw new InvalidOperationException($"{servers}: {what}: query {q} has another answer than the library's own. {answer}");
    }
}

IEnumerable<(string, int)> Expected(BinaryCode query, SearchOptions options)
{
    RowSet? allowed = null;
    if (options.Filter is not null)
    {
        allowed = new RowSet(count);
        for (int row = 7; row < count; row += Labels)
            allowed.Add(row);
    }
    SearchRequest request = new() { Top = options.Top, Within = options.Within, Filter = allowed is null ? null : ItemFilter.In(allowed), Threads = Environment.ProcessorCount };
    return library.Nearest(query, request).Neighbors.Select(near => (near.Position.ToString(CultureInfo.InvariantCulture), near.Distance));
}

IEnumerable<PostgresItem> Items()
{
    for (int row = 0; row < count; row++)
        yield return new PostgresItem(row.ToString(CultureInfo.InvariantCulture), codes[row], (row % Labels).ToString(CultureInfo.InvariantCulture));
}

static async Task<long> Bytes(PostgresOptions options)
{
    long bytes = 0;
    foreach (PostgresShard shard in options.Shards)
        bytes += (long)(await Ask(shard, $"select pg_total_relation_size('\"{options.Schema}\".items')"))!;
    return bytes;
}

static async Task<object?> Ask(PostgresShard shard, string text)
{
    await using NpgsqlConnection connection = new(shard.ConnectionString);
    await connection.OpenAsync();
    await using NpgsqlCommand command = new(text, connection) { CommandTimeout = 600 };
    return await command.ExecuteScalarAsync();
}

static PackedCodes Make(MadeCodes made, int count)
{
    string path = Path.GetTempFileName();
    try
    {
        made.Write(path, count);
        return PackedCodes.FromWords(MemoryMarshal.Cast<byte, ulong>(File.ReadAllBytes(path)), Bits);
    }
    finally
    {
        File.Delete(path);
    }
}
