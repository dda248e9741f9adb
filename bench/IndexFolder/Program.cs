// What an index folder costs on a disk and in memory. Prints a JSON object a line.
//   IndexFolder load DIR COUNT        loads COUNT clustered codes of 64 bits in four commits, adds some one by one, removes every tenth; DIR on the disk to be measured
//   IndexFolder search DIR PLAN [NOTE]   PLAN scan or hashing: opens what was loaded, in a process of its own, and searches
//   IndexFolder compact DIR           compacts and verifies it
//   IndexFolder filter DIR COUNT      where load has been: loads COUNT codes with labels and attributes into a folder beside it, and searches what filters let through
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Tern.Codes;
using Tern.Index;
using Tern.Search;

const int Bits = 64, QueryCount = 2048, Commits = 4, Flushes = 300;
string folder = Path.Combine(args[1], "index"), queriesFile = Path.Combine(args[1], "queries.bin");
switch (args[0])
{
    case "load": Load(int.Parse(args[2], CultureInfo.InvariantCulture)); return 0;
    case "search": Search(hashing: args[2] == "hashing", args.Length > 3 ? $", {args[3]}" : ""); return 0;
    case "filter": Filter(int.Parse(args[2], CultureInfo.InvariantCulture)); return 0;
    default: Compact(); return 0;
}

void Load(int count)
{
    MadeCodes made = new("clustered", Bits);
    string codesFile = Path.Combine(args[1], "codes.bin");
    made.Write(codesFile, count);
    made.Write(queriesFile, QueryCount);
    PackedCodes codes = Read(codesFile);
    File.Delete(codesFile);

    using HammingIndex index = HammingIndex.Create(folder, Bits, "made", options: new IndexOptions { MergeInBackground = false });
    double loading = Milliseconds(() =>
    {
        for (int start = 0, end; start < count; start = end)
        {
            end = Math.Min(start + (count + Commits - 1) / Commits, count);
            index.AddRange([.. Enumerable.Range(start, end - start).Select(key => (long)key)], PackedCodes.FromWords(codes.Words[start..end], Bits));
            index.Commit();
        }
    });
    Timing.Print(new { what = $"bulk load, {Commits} commits", milliseconds = loading, codesPerSecond = count / loading * 1000, bytesPerCode = (double)Bytes() / count });

    double oneByOne = Milliseconds(() =>
    {
        for (int i = 0; i < count / 10; i++)
            index.Add(count + i, codes[i]);
        index.Commit();
    });
    Timing.Print(new { what = "a tenth as many more, one by one, one commit", milliseconds = oneByOne, codesPerSecond = count / 10 / oneByOne * 1000 });

    double raw = RawFlushes(Path.Combine(args[1], "raw"));
    double added = Milliseconds(() =>
    {
        for (int i = 0; i < Flushes; i++)
        {
            index.Add($"single {i}", codes[i]);
            index.Commit();
        }
    });
    Timing.Print(new { what = "single additions, a commit each", milliseconds = added / Flushes, perSecond = Flushes / added * 1000, ofFlushes = added / raw });
    Timing.Print(new { what = "as many flushed appends to a plain file", milliseconds = raw / Flushes, perSecond = Flushes / raw * 1000 });

    double removed = Milliseconds(() =>
    {
        for (int i = 0; i < count; i += 10)
            index.Remove($"{i}");
        index.Commit();
    });
    Timing.Print(new { what = "removal of every tenth, one commit", milliseconds = removed, perSecond = count / 10 / removed * 1000 });
}

// Memory: what this process alone has more than before the index was opened, and the pages of mapped files, which the system takes back when it needs memory and other processes share:
// after one search, and after some hundred, whose answers have read keys and ids all over them (the system reads 64 KiB around each).
void Search(bool hashing, string note)
{
    PackedCodes queries = Read(queriesFile);
    (long Own, long Mapped) before = Memory();
    HammingIndex index = null!;
    double opening = Milliseconds(() => index = HammingIndex.Open(folder, new IndexOptions { Hashing = hashing }));
    using HammingIndex opened = index;
    double first = Milliseconds(() => index.Search(queries[0]));
    (long Own, long Mapped) once = Memory();
    string mode = (hashing ? "with hash tables" : "by scans") + note;
    new Timing(queries).Measure($"10 nearest {mode}", hashing ? 400 : 100, q => index.Search(queries[q]));
    (long Own, long Mapped) after = Memory();
    double PerCode(long now, long earlier) => (double)(now - earlier) / index.Count;
    Timing.Print(new
    {
        what = $"opening and first search {mode}", milliseconds = opening + first, openingMilliseconds = opening,
        segments = new DirectoryInfo(folder).EnumerateFiles("segment-*").Count(), items = index.Count, ownBytesPerCode = PerCode(once.Own, before.Own),
        mappedBytesPerCode = PerCode(once.Mapped, before.Mapped), mappedLaterBytesPerCode = PerCode(after.Mapped, before.Mapped),
        totalBytesPerCode = PerCode(after.Own, before.Own) + PerCode(after.Mapped, before.Mapped),
    });
    RequireTheSame(index, queries);
}

// The same answer by a scan of everything.
static void RequireTheSame(HammingIndex index, PackedCodes queries)
{
    for (int q = 0; q < 10; q++)
        if (!index.Search(queries[q]).SequenceEqual(index.Search(queries[q], new SearchOptions { Plan = SearchPlan.Scan })))
            throw new InvalidOperationException($"Query {q} has another answer than by a scan.");
}

void Compact()
{
    using (HammingIndex index = HammingIndex.Open(folder, new IndexOptions { Writable = true }))
    {
        long bytesBefore = Bytes();
        double compacting = Milliseconds(() => index.Compact());
        Timing.Print(new { what = "compacting", milliseconds = compacting, bytesPerCodeBefore = (double)bytesBefore / index.Count, bytesPerCode = (double)Bytes() / index.Count });
    }
    double verifying = Milliseconds(() =>
    {
        if (HammingIndex.Verify(folder) is [string problem, ..])
            throw new InvalidOperationException(problem);
    });
    Timing.Print(new { what = "verifying", milliseconds = verifying });
}

// Labels, keys and attributes are dealt out evenly, so that what a filter lets through lies everywhere: nothing can be left out at a stretch.
void Filter(int count)
{
    const int Labels = 100, Step = 100_000;
    MadeCodes made = new("clustered", Bits);
    string codesFile = Path.Combine(args[1], "codes.bin");
    made.Write(codesFile, count);
    PackedCodes codes = Read(codesFile), queries = Read(queriesFile);
    File.Delete(codesFile);
    using HammingIndex index = HammingIndex.Create(Path.Combine(args[1], "labelled"), Bits, "made", options: new IndexOptions { MergeInBackground = false, Hashing = true });
    double loading = Milliseconds(() =>
    {
        for (int start = 0; start < count; start += Step)
        {
            foreach (int i in Enumerable.Range(start, Math.Min(Step, count - start)))
                index.Add(new CodeRecord($"{i * 7919L % count:D9}", codes[i]) { Label = $"class {i % Labels}", Attributes = $$"""{"price": {{i * 31 % 1000}}, "shop": "{{(i % 10 == 3 ? "north" : "south")}}"}""" });
            index.Commit();
        }
        index.Compact();
    });
    Timing.Print(new { what = "load with labels and attributes, one by one", codes = count, labelled = true, milliseconds = loading, codesPerSecond = count / loading * 1000 });
    Timing timing = new(queries);
    Dictionary<string, double> unfiltered = [];
    index.Search(queries[0]);
    foreach ((string name, ItemFilter? filter) in new (string, ItemFilter?)[]
    {
        ("no filter", null),
        ("a label in 100", ItemFilter.Labelled("class 7")),
        ("10 labels in 100", ItemFilter.Labelled([.. Enumerable.Range(0, 10).Select(i => $"class {i}")])),
        ("50 labels in 100", ItemFilter.Labelled([.. Enumerable.Range(0, 50).Select(i => $"class {i}")])),
        ("a list of 1 % of the keys", ItemFilter.WithKeys(Enumerable.Range(0, count / 100).Select(i => $"{i * 100L:D9}"))),
        ("a tenth of the range of keys", ItemFilter.KeysBetween($"{count / 2:D9}", $"{count / 2 + count / 10:D9}")),
        ("a number up to half its range", ItemFilter.Between("price", null, 499)),
        ("a text that a tenth has", ItemFilter.Where("shop", "north")),
    })
    {
        double? first = filter is null ? null : Milliseconds(() => index.Search(queries[0], new SearchOptions { Filter = filter }));
        foreach ((string how, SearchPlan? plan) in new (string, SearchPlan?)[] { ("by a scan", SearchPlan.Scan), ("planned", null) })
        {
            SearchOptions options = new() { Filter = filter, Plan = plan };
            timing.Measure($"10 nearest {how}, {name}", 100, q => index.Search(queries[q], options), (median, _) =>
            {
                unfiltered.TryAdd(how, median);
                return new { codes = count, labelled = true, firstMilliseconds = plan is null ? first : null, ofUnfiltered = median / unfiltered[how] };
            });
        }
    }
}

// What the disk takes for as many appends of about a record's length.
static double RawFlushes(string path)
{
    using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
    byte[] record = new byte[100];
    return Milliseconds(() =>
    {
        for (int i = 0; i < Flushes; i++)
        {
            file.Write(record);
            file.Flush(flushToDisk: true);
        }
    });
}

static PackedCodes Read(string path) => PackedCodes.FromWords(MemoryMarshal.Cast<byte, ulong>(File.ReadAllBytes(path)), Bits);

long Bytes() => new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length);

static (long Own, long Mapped) Memory()
{
    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    string[] status = File.ReadAllLines("/proc/self/status");
    long Kilobytes(string name) => long.Parse(status.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    return (1024 * Kilobytes("RssAnon:"), 1024 * Kilobytes("RssFile:"));
}

static double Milliseconds(Action action)
{
    long start = Stopwatch.GetTimestamp();
    action();
    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}
