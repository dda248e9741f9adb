using System.Diagnostics;
using Tern.Codes;
using Tern.Index;

namespace Tern.Tests.Index;

/// <summary>The process that crash tests kill: commits batch after batch and prints the number of each once its commit has
/// returned. Batches are small and large, so that they go into the log, into segments, and into merges.</summary>
internal static class CrashWriter
{
    public const int Bits = 40;

    public static IndexOptions Options { get; } = new() { Limits = new IndexLimits(LogBytes: 4000, RecentItems: 100, Segments: 3) };

    private const int Window = 40; // batches that stay
    private const string Opening = "opening"; // so that kills fall on opening, too, where what a killed writer left is put in order

    /// <summary>Items of a batch.</summary>
    public static int Size(int batch) => batch % 5 == 0 ? 120 : 2 + batch % 7;

    /// <summary>Item <paramref name="item"/> of a batch; batch b also removes item 0 of batch b - 1, and all of an old batch.</summary>
    public static string Key(int batch, int item) => $"{batch}/{item}";

    public static BinaryCode Code(int batch, int item) => BinaryCode.FromWords([(ulong)(batch * 1000 + item) & 0xFF_FFFF_FFFF], Bits);

    public static int Run(string folder, TextWriter acknowledged)
    {
        acknowledged.WriteLine(Opening);
        acknowledged.Flush();
        using HammingIndex index = HammingIndex.Open(folder, Options with { Writable = true });
        for (int batch = LastBatch(index) + 1; ; batch++)
        {
            for (int item = 0; item < Size(batch); item++)
                index.Add(Key(batch, item), Code(batch, item), $"batch {batch}");
            if (batch > 0)
                index.Remove(Key(batch - 1, 0));
            for (int item = 1; batch >= Window && item < Size(batch - Window); item++)
                index.Remove(Key(batch - Window, item));
            index.Commit();
            acknowledged.WriteLine(batch);
            acknowledged.Flush();
        }
    }

    /// <summary>The last batch that is there; -1 if none is.</summary>
    private static int LastBatch(HammingIndex index) => index.Items().Select(item => int.Parse(item.Key.Split('/')[0])).DefaultIfEmpty(-1).Max();

    /// <summary>Kills writers at random moments, a quarter of them as they open what the one before has left, and looks each time at what is there. Returns the number of
    /// the last batch.</summary>
    public static async Task<int> KillAndLook(string path, int kills, Random random, double mostMilliseconds, Action<int>? look = null)
    {
        int committed = -1;
        for (int kill = 0; kill < kills; kill++)
        {
            bool opening = random.Next(4) == 0;
            int acknowledged = await RunAndKill(path, opening, TimeSpan.FromMilliseconds(random.NextDouble() * mostMilliseconds));
            committed = RequireWhole(path, Math.Max(committed, acknowledged));
            look?.Invoke(kill);
        }
        return committed;
    }

    // The last batch whose commit the process reported before it was killed; -1 if there was none: it was still opening.
    private static async Task<int> RunAndKill(string path, bool opening, TimeSpan after)
    {
        using Process writer = Process.Start(new ProcessStartInfo("dotnet",
            ["exec", typeof(CrashWriter).Assembly.Location, "crash-writer", path]) { RedirectStandardOutput = true })!;
        Assert.Equal(Opening, await writer.StandardOutput.ReadLineAsync());
        string? first = opening ? null : await writer.StandardOutput.ReadLineAsync();
        await Task.Delay(after);
        Assert.False(writer.HasExited, "The writer stopped by itself.");
        writer.Kill(); // SIGKILL
        int last = first is null ? -1 : int.Parse(first);
        while (await writer.StandardOutput.ReadLineAsync() is { } line)
            if (int.TryParse(line, out int batch))
                last = batch;
        await writer.WaitForExitAsync();
        return last;
    }

    // The index must hold exactly batches 0..b for some b at or after the last acknowledged one.
    private static int RequireWhole(string path, int acknowledged)
    {
        Assert.Empty(HammingIndex.Verify(path));
        using HammingIndex index = HammingIndex.Open(path);
        int last = LastBatch(index);
        Assert.InRange(last, acknowledged, acknowledged + 1);
        int first = Math.Max(0, last - Window + 1);
        (int Batch, int Item)[] expected = [.. Enumerable.Range(first, last - first + 1).SelectMany(batch =>
            Enumerable.Range(0, Size(batch)).Where(item => batch == last || item > 0).Select(item => (batch, item)))];
        IReadOnlyList<SearchResult> found = index.Search(Code(0, 0), new SearchOptions { Top = null });
        Assert.Equal(
            expected.Select(at => (Key(at.Batch, at.Item), Code(at.Batch, at.Item).Distance(Code(0, 0)))).Order(), found.Select(result => (result.Key, result.Distance)).Order());
        Assert.All(found, result => Assert.Equal($"batch {result.Key.Split('/')[0]}", result.Label));
        Assert.All(expected, at => Assert.Equal(Code(at.Batch, at.Item), index.Get(Key(at.Batch, at.Item))!.Code));
        return last;
    }
}
