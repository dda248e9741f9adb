using System.Diagnostics;
using Tern.Codes;
using Tern.Index;

namespace Tern.Tests.Index;

public class IndexCrashTests
{
    [Fact]
    public async Task A_writer_killed_at_any_moment_loses_nothing_it_acknowledged_and_leaves_nothing_half_done()
    {
        using TemporaryFolder folder = new();
        string path = folder.New();
        HammingIndex.Create(path, CrashWriter.Bits, "m").Dispose();
        Random random = new(20);
        int committed = -1;
        for (int kill = 0; kill < 20; kill++)
        {
            int acknowledged = await RunAndKill(path, TimeSpan.FromMilliseconds(random.NextDouble() * 80));
            committed = Math.Max(committed, acknowledged);
            committed = LastWholeBatch(path, committed);
        }
        Assert.True(committed >= 20, $"only {committed} batches were committed; the test did not test much");
    }

    // The last batch whose commit the process reported before it was killed.
    private static async Task<int> RunAndKill(string path, TimeSpan after)
    {
        string assembly = typeof(CrashWriter).Assembly.Location;
        using Process writer = Process.Start(new ProcessStartInfo("dotnet",
            ["exec", assembly, "crash-writer", path]) { RedirectStandardOutput = true })!;
        string last = await writer.StandardOutput.ReadLineAsync() ?? "nothing";
        await Task.Delay(after);
        writer.Kill(); // SIGKILL
        while (await writer.StandardOutput.ReadLineAsync() is { } line)
            last = line;
        await writer.WaitForExitAsync();
        return int.Parse(last);
    }

    // The index must hold exactly batches 0..b for some b at or after the last acknowledged one.
    private static int LastWholeBatch(string path, int acknowledged)
    {
        Assert.Empty(HammingIndex.Verify(path));
        using HammingIndex index = HammingIndex.Open(path);
        int last = (int)(index.Count / (CrashWriter.BatchSize - 1)) - 1;
        Assert.InRange(last, acknowledged, acknowledged + 1);
        IEnumerable<string> expected = Enumerable.Range(0, last + 1).SelectMany(batch =>
            Enumerable.Range(batch < last ? 1 : 0, CrashWriter.BatchSize - (batch < last ? 1 : 0)).Select(item =>
                CrashWriter.Key(batch, item)));
        IReadOnlyList<SearchResult> found = index.Search(CrashWriter.Code(0, 0), new SearchOptions { Top = null });
        Assert.Equal(expected.Order(), found.Select(result => result.Key).Order());
        Assert.All(found, result => Assert.Equal($"batch {result.Key.Split('/')[0]}", result.Label));
        return last;
    }
}
