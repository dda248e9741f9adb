// Exact search in PostgreSQL over made 64-bit codes, on one server and on two, which it starts and stops itself (Debian's packages, on the loopback address).
//   PostgresSearch COUNT      prints a JSON object a line: what, its median and 95th percentile; fails when an answer differs from the library's own
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Npgsql;
using Tern.Codes;
using Tern.Index;
using Tern.Postgres;
using Tern.Postgres.Tests;
using Tern.Search;

const int Bits = 64, QueryCount = 100, Labels = 100;
const string Model = "made codes";
int count = int.Parse(args[0], CultureInfo.InvariantCulture);
if (PostgresCluster.Missing is { } missing)
{
    Console.Error.WriteLine($"error: {missing}");
    return 1;
}

MadeCodes made = new("clustered", Bits), random = new("random", Bits);
PackedCodes codes = Make(made, count), queries = Make(made, QueryCount), farQueries = Make(random, QueryCount);
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
    PostgresShard one = new("one", first.ConnectionString), two = new("two", second.ConnectionString);
    await Time("round trip to the server", QueryCount, async _ =>
    {
        await using NpgsqlConnection connection = new(one.ConnectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new("select 1", connection);
        await command.ExecuteScalarAsync();
    });
    await Measure("one server", new PostgresOptions { Shards = [one], Schema = "whole" });
    await Measure("two servers", new PostgresOptions { Shards = [one, two], Schema = "halves" });
}

async Task Measure(string servers, PostgresOptions options)
{
    await using PostgresIndex index = await PostgresIndex.CreateAsync(options, Bits, Model, expectedItems: count);
    long start = Stopwatch.GetTimestamp();
    await index.LoadAsync(Items());
    double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
    double bytesPerCode = await Bytes(options) / (double)count;
    Print(new { what = $"{servers}: load by COPY, indexes built, vacuumed", milliseconds = 1e3 * seconds, codesPerSecond = count / seconds, bytesPerCode });

    SearchOptions within = new() { Top = null, Within = 7 }, nearest = new();
    await Search(servers, "within 7", index, queries, within);
    await Search(servers, "10 nearest", index, queries, nearest);
    await Search(servers, "100 nearest", index, queries, nearest with { Top = 100 });
    await Search(servers, "10 nearest of a label that 1 % have", index, queries, nearest with { Filter = ItemFilter.Labelled("7") }, calls: 10);
    await Search(servers, "10 nearest to random codes", index, farQueries, nearest, calls: 10);
    await Search(servers, "10 nearest, scan", index, queries, nearest with { Plan = SearchPlan.Scan }, calls: 10);
}

// Times searches and compares some with the library's. On two servers ids are others than positions, and with them the order of equal distances.
async Task Search(string servers, string what, PostgresIndex index, PackedCodes asked, SearchOptions options, int calls = QueryCount)
{
    PostgresAnswer[] answers = new PostgresAnswer[calls];
    await Time($"{servers}: {what}", calls, async q => answers[q] = await index.ExplainAsync(asked[q], options), _ => new
    {
        found = answers.Average(answer => answer.Results.Count),
        scans = answers.Count(answer => answer.Shards.Any(shard => shard.Plan != SearchPlan.Hashing)),
        rounds = answers.Average(answer => answer.Shards.Average(shard => shard.Rounds.Count)),
        probes = answers.Average(answer => answer.Shards.Sum(shard => shard.Rounds.Sum(round => round.Probes))),
        candidates = answers.Average(answer => answer.Shards.Sum(shard => shard.Rounds.Sum(round => round.Candidates))),
    });
    for (int q = 0; q < calls; q += Math.Max(calls / 10, 1))
    {
        (string, int)[] ours = [.. answers[q].Results.Select(result => (result.Key, result.Distance))], expected = [.. Expected(asked[q], options)];
        bool same = answers[q].Shards.Count == 1 ? ours.SequenceEqual(expected)
            : options.Top is null ? ours.Order().SequenceEqual(expected.Order())
            : ours.Select(result => result.Item2).SequenceEqual(expected.Select(result => result.Item2));
        if (!same || !answers[q].IsComplete)
            throw new InvalidOperationException($"{servers}: {what}: query {q} has another answer than the library's own. {answers[q]}");
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
    {
        await using NpgsqlConnection connection = new(shard.ConnectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new($"select pg_total_relation_size('\"{options.Schema}\".items')", connection);
        bytes += (long)(await command.ExecuteScalarAsync())!;
    }
    return bytes;
}

// Milliseconds of each of so many calls, after a pass to warm up.
static async Task Time(string what, int calls, Func<int, Task> call, Func<double, object>? also = null)
{
    for (int i = 0; i < calls; i++)
        await call(i);
    double[] times = new double[calls];
    for (int i = 0; i < calls; i++)
    {
        long before = Stopwatch.GetTimestamp();
        await call(i);
        times[i] = Stopwatch.GetElapsedTime(before).TotalMilliseconds;
    }
    Array.Sort(times);
    Dictionary<string, object> row = new() { ["what"] = what, ["milliseconds"] = times[calls / 2], ["p95"] = times[calls * 95 / 100] };
    if (also is not null)
        foreach (JsonProperty property in JsonSerializer.SerializeToElement(also(times[calls / 2])).EnumerateObject())
            row[property.Name] = property.Value;
    Print(row);
}

static void Print(object row) => Console.WriteLine(JsonSerializer.Serialize(row));

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
