// Exact search over made codes, beside faiss_peer.py on the same files.
//   ExactSearch make DIR KIND BITS COUNT      writes DIR/codes.bin and DIR/queries.bin (100 queries)
//   ExactSearch take DIR NETWORK BITS         the same of the codes that a run has kept in the folder of a network; prints how many there are
//   ExactSearch measure DIR BITS THREADS      prints a JSON object a line: what, its median and 95th percentile; fails when a plan's answer differs from the scan's
using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Tern.Codes;
using Tern.Search;

const int QueryCount = 100;
string folder = args[1];
if (args[0] == "make")
{
    int count = int.Parse(args[4], CultureInfo.InvariantCulture);
    var made = new MadeCodes(args[2], int.Parse(args[3], CultureInfo.InvariantCulture));
    made.Write(Path.Combine(folder, "codes.bin"), count);
    made.Write(Path.Combine(folder, "queries.bin"), QueryCount);
    return 0;
}

if (args[0] == "take")
{
    int length = int.Parse(args[3], CultureInfo.InvariantCulture);
    Console.WriteLine(Take(Path.Combine(args[2], "codes.gallery.bin"), "codes.bin", length, most: null));
    return Take(Path.Combine(args[2], "codes.queries.bin"), "queries.bin", length, QueryCount) == QueryCount
        ? 0 : throw new ArgumentException($"{args[2]} has fewer than {QueryCount} codes of test pictures");
}

int bits = int.Parse(args[2], CultureInfo.InvariantCulture), threads = int.Parse(args[3], CultureInfo.InvariantCulture);
PackedCodes codes = Read("codes.bin"), queries = Read("queries.bin");
long bytes = 8L * codes.Words.Length;

Time("read of memory", codes.Words.Length > 50_000_000 ? 9 : 21, _ => ReadAll(codes.Words), median => new { gigabytesPerSecond = bytes / median / 1e6 });

long start = Stopwatch.GetTimestamp();
CodeSearch search = CodeSearch.Over(codes, hashing: true, threads: threads);
Print(new
{
    what = "build of hash tables", milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds, threads, tables = search.Chunks,
    different = codes.Count <= 1_000_000 ? Enumerable.Range(0, codes.Count).Select(row => codes[row]).Distinct().Count() : (int?)null,
    bytesPerCode = (double)search.TableBytes / codes.Count, bytesPerCodeOfScan = (double)bytes / codes.Count + 8 + 1 / 8.0, // with a 64-bit id and a removal bit
});

SearchRequest scan = new() { Plan = SearchPlan.Scan }, planned = new();
Time("scan, 10 nearest", QueryCount, q => search.Nearest(queries[q], scan), median => new { gigabytesPerSecond = bytes / median / 1e6 });
Time($"scan, 10 nearest, {threads} threads", QueryCount, q => search.Nearest(queries[q], scan with { Threads = threads }));
Time("scan, 100 nearest", QueryCount, q => search.Nearest(queries[q], scan with { Top = 100 }));
Time("batch of 100, scan, 10 nearest, per query", 3, _ => search.Nearest(queries, scan), queriesPerCall: QueryCount);
Time("batch of 100, planner, 10 nearest, per query", 3, _ => search.Nearest(queries, planned), queriesPerCall: QueryCount);
foreach (int top in new[] { 1, 10, 100 })
    Planned($"planner, {top} nearest", planned with { Top = top });
Planned("planner, within 7", planned with { Top = null, Within = 7 });

Random random = new(1);
foreach (int percent in new[] { 1, 10, 50 })
{
    RowSet allowed = new(codes.Count);
    for (int row = 0; row < codes.Count; row++)
        if (random.Next(100) < percent)
            allowed.Add(row);
    ItemFilter filter = ItemFilter.In(allowed);
    Time($"scan, 10 nearest, filter lets {percent} % pass", QueryCount, q => search.Nearest(queries[q], scan with { Filter = filter }));
    Planned($"planner, 10 nearest, filter lets {percent} % pass", planned with { Filter = filter });
}
return 0;

// Times a plan and compares what it finds with a scan's.
void Planned(string what, SearchRequest request)
{
    Explanation[] how = new Explanation[QueryCount];
    Time(what, QueryCount, q => how[q] = search.Nearest(queries[q], request).Explanation, _ => new
    {
        givenUp = how.Count(one => one.BailedOut), probes = how.Average(one => one.Probes), candidates = how.Average(one => one.Candidates),
    });
    for (int q = 0; q < QueryCount; q += 10)
        if (!search.Nearest(queries[q], request).Neighbors.SequenceEqual(search.Nearest(queries[q], request with { Plan = SearchPlan.Scan }).Neighbors))
            throw new InvalidOperationException($"{what}: query {q} has another answer than by a scan.");
}

// Milliseconds of a query in each of so many calls, after a warm-up of half a second.
static void Time(string what, int calls, Action<int> call, Func<double, object>? also = null, int queriesPerCall = 1)
{
    long warm = Stopwatch.GetTimestamp();
    for (int i = 0; i < calls || Stopwatch.GetElapsedTime(warm).TotalSeconds < 0.5; i++)
    {
        call(i % calls);
        if (Stopwatch.GetElapsedTime(warm).TotalSeconds > 5)
            break;
    }
    double[] times = new double[calls];
    for (int i = 0; i < calls; i++)
    {
        long before = Stopwatch.GetTimestamp();
        call(i);
        times[i] = Stopwatch.GetElapsedTime(before).TotalMilliseconds / queriesPerCall;
    }
    Array.Sort(times);
    Dictionary<string, object> row = new() { ["what"] = what, ["milliseconds"] = times[calls / 2], ["p95"] = times[calls * 95 / 100] };
    if (also is not null)
        foreach (var property in JsonSerializer.SerializeToElement(also(times[calls / 2])).EnumerateObject())
            row[property.Name] = property.Value;
    Print(row);
}

static void Print(object row) => Console.WriteLine(JsonSerializer.Serialize(row));

PackedCodes Read(string name)
{
    byte[] content = File.ReadAllBytes(Path.Combine(folder, name));
    return PackedCodes.FromWords(MemoryMarshal.Cast<byte, ulong>(content), bits);
}

// Writes packed codes as words; returns how many there are.
int Take(string packed, string name, int length, int? most)
{
    byte[] content = File.ReadAllBytes(packed);
    int size = (length + 7) / 8, count = Math.Min(content.Length / size, most ?? int.MaxValue);
    PackedCodes taken = PackedCodes.FromBytes(content.AsSpan(0, count * size), length);
    File.WriteAllBytes(Path.Combine(folder, name), MemoryMarshal.AsBytes(taken.Words));
    return count;
}

static ulong ReadAll(ReadOnlySpan<ulong> words)
{
    ReadOnlySpan<Vector<ulong>> vectors = MemoryMarshal.Cast<ulong, Vector<ulong>>(words);
    Vector<ulong> a = default, b = default, c = default, d = default;
    for (int i = 0; i + 4 <= vectors.Length; i += 4)
    {
        a ^= vectors[i];
        b ^= vectors[i + 1];
        c ^= vectors[i + 2];
        d ^= vectors[i + 3];
    }
    return (a ^ b ^ c ^ d)[0];
}
