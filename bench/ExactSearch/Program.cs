// Exact search over made codes, or those that a run has kept, beside faiss_peer.py on the same files.
//   ExactSearch make DIR KIND BITS COUNT      writes DIR/codes.bin and DIR/queries.bin
//   ExactSearch take DIR NETWORK BITS         the same of the codes that a run has kept in the folder of a network; prints how many there are
//   ExactSearch measure DIR BITS THREADS      prints a JSON object a line: what, its median and 95th percentile; fails when a plan's answer differs from the scan's
using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Tern.Codes;
using Tern.Search;

const int QueryCount = 8192;
string folder = args[1];
switch (args[0])
{
    case "make":
        var made = new MadeCodes(args[2], int.Parse(args[3], CultureInfo.InvariantCulture));
        made.Write(Path.Combine(folder, "codes.bin"), int.Parse(args[4], CultureInfo.InvariantCulture));
        made.Write(Path.Combine(folder, "queries.bin"), QueryCount);
        return 0;

    case "take":
        int length = int.Parse(args[3], CultureInfo.InvariantCulture);
        Console.WriteLine(Take(Path.Combine(args[2], "codes.gallery.bin"), "codes.bin", length, int.MaxValue));
        Take(Path.Combine(args[2], "codes.queries.bin"), "queries.bin", length, QueryCount);
        return 0;
}

int bits = int.Parse(args[2], CultureInfo.InvariantCulture), threads = int.Parse(args[3], CultureInfo.InvariantCulture);
PackedCodes codes = Read("codes.bin"), queries = Read("queries.bin");
var timing = new Timing(queries);
long bytes = 8L * codes.Words.Length;

timing.Measure("read of memory", codes.Words.Length > 50_000_000 ? 9 : 21, _ => ReadAll(codes.Words), (median, _) => new { gigabytesPerSecond = bytes / median / 1e6 });

long start = Stopwatch.GetTimestamp();
CodeSearch search = CodeSearch.Over(codes, hashing: true, threads: threads);
Timing.Print(new
{
    what = "build of hash tables", milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds, threads, tables = search.Chunks,
    different = codes.Count <= 1_000_000 ? Enumerable.Range(0, codes.Count).Select(row => codes[row]).Distinct().Count() : (int?)null,
    bytesPerCode = (double)search.TableBytes / codes.Count, unasked = codes.Count > 1_000_000 || CodeSearch.Over(codes).Chunks > 0,
});

SearchRequest scan = new() { Plan = SearchPlan.Scan }, planned = new(), near = planned with { Top = null, Within = 7 };
Scanned("scan, 10 nearest", scan);
Scanned($"scan, 10 nearest, {threads} threads", scan with { Threads = threads });
Scanned("scan, 100 nearest", scan with { Top = 100 });
Batches("batch of 100, scan, 10 nearest, per query", scan);
Batches("batch of 100, planner, 10 nearest, per query", planned);
foreach (int top in new[] { 1, 10, 100 })
    Planned($"planner, {top} nearest", planned with { Top = top });
Planned("planner, within 7", near);
Planned($"planner, 10 nearest, {threads} threads", planned with { Threads = threads });

Random random = new(1);
foreach (int percent in new[] { 1, 10, 50 })
{
    RowSet allowed = new(codes.Count);
    for (int row = 0; row < codes.Count; row++)
        if (random.Next(100) < percent)
            allowed.Add(row);
    ItemFilter filter = ItemFilter.In(allowed);
    Scanned($"scan, 10 nearest, filter lets {percent} % pass", scan with { Filter = filter });
    Planned($"planner, 10 nearest, filter lets {percent} % pass", planned with { Filter = filter });
    Planned($"planner, within 7, filter lets {percent} % pass", near with { Filter = filter });
}
return 0;

void Scanned(string what, SearchRequest request) =>
    timing.Measure(what, 100, q => search.Nearest(queries[q], request), (median, _) => new { gigabytesPerSecond = bytes / median / 1e6 });

// Of each batch, ten answers are compared with those of single scans.
void Batches(string what, SearchRequest request)
{
    SearchAnswer[] answers = [];
    Range asked = timing.Measure(what, 3, q => answers = search.Nearest(PackedCodes.FromWords(queries.Words.Slice(q * queries.WordsPerCode, 100 * queries.WordsPerCode), bits), request), queriesPerCall: 100);
    for (int i = 0; i < 100; i += 10)
        Require(what, asked.End.Value - 100 + i, answers[i], request);
}

// Times a plan and compares what it finds for every tenth query with what a scan finds.
void Planned(string what, SearchRequest request)
{
    Explanation[] how = new Explanation[queries.Count];
    Range asked = timing.Measure(what, 400, q => how[q] = search.Nearest(queries[q], request).Explanation, (_, asked) => new
    {
        givenUp = how[asked].Count(one => one.BailedOut), scans = how[asked].Count(one => one.Plan == SearchPlan.Scan),
        probes = how[asked].Average(one => one.Probes), candidates = how[asked].Average(one => one.Candidates),
    });
    for (int q = asked.Start.Value; q < asked.End.Value; q += 10)
        Require(what, q, search.Nearest(queries[q], request), request);
}

void Require(string what, int q, SearchAnswer answer, SearchRequest request)
{
    if (!answer.Neighbors.SequenceEqual(search.Nearest(queries[q], request with { Plan = SearchPlan.Scan }).Neighbors))
        throw new InvalidOperationException($"{what}: query {q} has another answer than by a scan.");
}

PackedCodes Read(string name) => PackedCodes.FromWords(MemoryMarshal.Cast<byte, ulong>(File.ReadAllBytes(Path.Combine(folder, name))), bits);

// Writes packed codes as words; returns how many there are.
int Take(string packed, string name, int length, int most)
{
    byte[] content = File.ReadAllBytes(packed);
    int size = (length + 7) / 8, count = Math.Min(content.Length / size, most);
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
