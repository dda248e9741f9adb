// What an index folder costs: loading, committing, opening, removing, compacting. Prints a JSON object a line.
//   IndexFolder DIR COUNT      DIR on the disk to be measured; COUNT made codes of 64 bits
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tern.Codes;
using Tern.Index;

const int Flushes = 300;
string folder = Path.Combine(args[0], "index");
int count = int.Parse(args[1], CultureInfo.InvariantCulture);
Random random = new(1);
BinaryCode[] codes = [.. Enumerable.Range(0, count).Select(_ => BinaryCode.FromWords([(ulong)random.NextInt64()], 64))];

using (HammingIndex index = HammingIndex.Create(folder, 64, "made"))
{
    double loading = Milliseconds(() =>
    {
        for (int i = 0; i < count; i++)
            index.Add(i, codes[i]);
        index.Commit();
    });
    Print(new { what = "bulk load, one commit", milliseconds = loading, codesPerSecond = count / loading * 1000, bytesPerCode = (double)Bytes() / count });

    double raw = RawFlushes(Path.Combine(args[0], "raw"));
    double added = Milliseconds(() =>
    {
        for (int i = 0; i < Flushes; i++)
        {
            index.Add($"single {i}", codes[i]);
            index.Commit();
        }
    });
    Print(new { what = "single committed additions", perSecond = Flushes / added * 1000, appendsWithFsyncPerSecond = Flushes / raw * 1000 });

    double removed = Milliseconds(() =>
    {
        for (int i = 0; i < count; i += 10)
            index.Remove($"{i}");
        index.Commit();
    });
    Print(new { what = "removal of every tenth, one commit", milliseconds = removed, perSecond = count / 10 / removed * 1000 });
}

double[] opening = new double[9], first = new double[9], second = new double[9];
for (int i = 0; i < opening.Length; i++)
{
    HammingIndex index = null!;
    opening[i] = Milliseconds(() => index = HammingIndex.Open(folder));
    first[i] = Milliseconds(() => index.Search(codes[i]));
    second[i] = Milliseconds(() => index.Search(codes[i]));
    index.Dispose();
}
Print(new { what = "opening", milliseconds = Median(opening), firstSearchMilliseconds = Median(first), secondSearchMilliseconds = Median(second) });

using (HammingIndex index = HammingIndex.Open(folder, new IndexOptions { Writable = true }))
{
    long before = Bytes();
    double compacting = Milliseconds(() => index.Compact());
    Print(new { what = "compacting", milliseconds = compacting, bytesBefore = before, bytes = Bytes(), items = index.Count });
}
double verifying = Milliseconds(() =>
{
    if (HammingIndex.Verify(folder) is [string problem, ..])
        throw new InvalidOperationException(problem);
});
Print(new { what = "verifying", milliseconds = verifying });
return 0;

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

long Bytes() => new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length);

static double Milliseconds(Action action)
{
    long start = Stopwatch.GetTimestamp();
    action();
    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}

static double Median(double[] times) => times.Order().ElementAt(times.Length / 2);

static void Print(object row) => Console.WriteLine(JsonSerializer.Serialize(row));
