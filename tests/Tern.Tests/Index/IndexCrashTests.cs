using Tern.Index;

namespace Tern.Tests.Index;

public class IndexCrashTests
{
    /// <summary>A handful here; <c>bench/crash.sh</c> kills 500 times.</summary>
    [Fact]
    public async Task A_writer_killed_at_any_moment_loses_nothing_it_acknowledged_and_leaves_nothing_half_done()
    {
        using TemporaryFolder folder = new();
        string path = folder.New();
        HammingIndex.Create(path, CrashWriter.Bits, "m").Dispose();
        int committed = await CrashWriter.KillAndLook(path, kills: 12, new Random(20), mostMilliseconds: 80);
        Assert.True(committed >= 6, $"only {committed} batches were committed; the test did not test much");
    }
}
