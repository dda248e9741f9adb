using Tern.Durability;
using Tern.Index;
using Tern.Tests.Durability;

namespace Tern.Tests.Index;

/// <summary>Whatever step fails, and whenever the power goes: what was acknowledged is there, and nothing is half there.</summary>
public class IndexFaultTests
{
    private const string Folder = "/index";
    private const int Commits = 22;

    [Theory]
    [InlineData((int)Failure.Once)]
    [InlineData((int)Failure.ShortWrite)]
    [InlineData((int)Failure.FullDisk)]
    [InlineData((int)Failure.Stuck)]
    [InlineData((int)Failure.Late)]
    public void A_step_that_fails_leaves_the_index_as_it_was_or_as_it_was_to_be(int kind)
    {
        int failedMerges = 0;
        for (int step = 1; ; step++)
        {
            MemoryFileSystem files = new() { Fault = (step, (Failure)kind) };
            IndexOracle oracle = new();
            Random random = new(step % 3);
            HammingIndex index = CreateOrTryAgain(files);
            for (int commit = 0; commit < Commits; commit++)
            {
                Change(index, oracle, random);
                CommitOrTryAgain(index, oracle, files);
                failedMerges += index.MergeProblem is null ? 0 : 1;
                if (Compacts(commit))
                    CompactOrTryAgain(index, oracle, files);
            }
            index.Dispose();
            bool isReached = files.Steps >= step;
            files.Fault = null;
            Assert.Empty(HammingIndex.Verify(Folder, files));
            using (HammingIndex again = Open(files))
                oracle.RequireCommitted(again);
            if (isReached)
                continue;
            Assert.True(failedMerges > 0, "no step of a merge has failed");
            return;
        }
    }

    [Fact]
    public void A_power_loss_at_any_step_takes_nothing_that_was_acknowledged()
    {
        for (int step = 1; ; step++)
        {
            MemoryFileSystem files = new() { Fault = (step, Failure.PowerLoss) };
            IndexOracle oracle = new();
            if (RunUntilStopped(files, oracle, new Random(step % 3)))
                return;
            for (int seed = 0; seed < 3; seed++)
                RequireSurvival(files.AfterPowerLoss(new Random(1000 * step + seed)), oracle);
        }
    }

    [Theory]
    [InlineData((int)Failure.PowerLoss)]
    [InlineData((int)Failure.Once)]
    [InlineData((int)Failure.Late)]
    public void A_killed_writer_leaves_what_the_next_one_can_go_on_with_even_if_the_power_goes_then(int kind)
    {
        for (int step = 1; ; step++)
        {
            MemoryFileSystem files = new() { Fault = (step, (Failure)kind) };
            IndexOracle oracle = new();
            if (RunUntilStopped(files, oracle, new Random(step % 3)) && files.Steps < step)
                return;
            files.Kill(); // the process, not the machine
            if (!files.Paths.Contains($"{Folder}/manifest.json"))
                continue;
            HammingIndex next = Open(files);
            oracle.Settle(next);
            oracle.Add(next, "next", new Known(7, null, null));
            oracle.Commit(next);
            RequireSurvival(files.AfterPowerLoss(new Random(step)), oracle);
        }
    }

    private static void RequireSurvival(MemoryFileSystem files, IndexOracle oracle)
    {
        if (!files.Paths.Contains($"{Folder}/manifest.json"))
        {
            Assert.Empty(oracle.Committed); // the power went before the index was there
            HammingIndex.Create(Folder, IndexOracle.Bits, "m", options: Options(files)).Dispose();
        }
        Assert.Empty(HammingIndex.Verify(Folder, files));
        Dictionary<string, Known> acknowledged = oracle.Committed, waiting = oracle.Waiting;
        using (HammingIndex reader = HammingIndex.Open(Folder, Options(files)))
            oracle.Settle(reader);
        using (HammingIndex writer = Open(files))
        {
            oracle.RequireCommitted(writer);
            oracle.Add(writer, "after", new Known(1, "label", null));
            oracle.Commit(writer);
            oracle.RequireCommitted(writer);
        }
        using (HammingIndex again = HammingIndex.Open(Folder, Options(files)))
            oracle.RequireCommitted(again);
        oracle.Restore(acknowledged, waiting); // for the next way in which this loss may end
    }

    // Whether it came to the end.
    private static bool RunUntilStopped(MemoryFileSystem files, IndexOracle oracle, Random random)
    {
        try
        {
            HammingIndex index = HammingIndex.Create(Folder, IndexOracle.Bits, "m", options: Options(files));
            for (int commit = 0; commit < Commits; commit++)
            {
                Change(index, oracle, random);
                oracle.Commit(index);
                if (Compacts(commit))
                    index.Compact();
            }
            index.Dispose();
            return true;
        }
        catch (Exception stopped) when (stopped is TernException or PowerLossException)
        {
            return false;
        }
    }

    private static void Change(HammingIndex index, IndexOracle oracle, Random random)
    {
        for (int i = random.Next(1, 4); i > 0; i--)
            if (random.Next(3) > 0)
                oracle.Add(index, $"key {random.Next(12)}", IndexOracle.Draw(random));
            else
                oracle.Remove(index, $"key {random.Next(12)}");
        if (random.Next(9) == 0)
            for (int i = 0; i < 12; i++)
                oracle.Add(index, $"many {i}", IndexOracle.Draw(random)); // more than the log takes
    }

    private static HammingIndex CreateOrTryAgain(MemoryFileSystem files)
    {
        try
        {
            return HammingIndex.Create(Folder, IndexOracle.Bits, "m", options: Options(files));
        }
        catch (TernException)
        {
            files.Fault = null;
            return files.Paths.Contains($"{Folder}/manifest.json") ? Open(files) : HammingIndex.Create(Folder, IndexOracle.Bits, "m", options: Options(files));
        }
    }

    private static void CommitOrTryAgain(HammingIndex index, IndexOracle oracle, MemoryFileSystem files)
    {
        try
        {
            oracle.Commit(index);
        }
        catch (TernException refused)
        {
            if (refused.Message.Contains("is in place", StringComparison.Ordinal))
                oracle.Accept();
            else
                Assert.Contains("The index is as before", refused.Message);
            oracle.RequireCommitted(index);
            files.Fault = null;
            oracle.Commit(index);
        }
        oracle.RequireCommitted(index);
    }

    private static bool Compacts(int commit) => commit % 8 == 7;

    private static void CompactOrTryAgain(HammingIndex index, IndexOracle oracle, MemoryFileSystem files)
    {
        try
        {
            index.Compact();
        }
        catch (TernException)
        {
            oracle.RequireCommitted(index);
            files.Fault = null;
            index.Compact();
        }
        Assert.Null(index.MergeProblem);
        oracle.RequireCommitted(index);
    }

    private static HammingIndex Open(MemoryFileSystem files) => HammingIndex.Open(Folder, Options(files) with { Writable = true });

    private static IndexOptions Options(MemoryFileSystem files) => new() { Files = files, Limits = IndexOracle.Small, MergeInBackground = false };
}
