using Tern.Codes;
using Tern.Durability;
using Tern.Index;
using Tern.Tests.Durability;

namespace Tern.Tests.Index;

/// <summary>Readers see one commit or the next, whatever is written, merged and deleted meanwhile.</summary>
public class IndexReadersTests
{
    private const int Accounts = 40, Total = 4000;

    // Every commit moves an amount from one account to another. The code of an account says how much it holds, so the sum over all never changes.
    private static BinaryCode Amount(int value) => BinaryCode.FromWords([(ulong)value], 16);

    private static int AmountOf(BinaryCode code) => (int)code.Words[0];

    private static void Move(HammingIndex index, int[] amounts, Random random)
    {
        int from = random.Next(Accounts), to = random.Next(Accounts), amount = random.Next(amounts[from] + 1);
        amounts[from] -= amount;
        amounts[to] += amount;
        index.Add(from, Amount(amounts[from]), $"account {from % 3}");
        index.Add(to, Amount(amounts[to]), $"account {to % 3}");
        index.Commit();
    }

    private static void RequireConsistent(HammingIndex index)
    {
        IReadOnlyList<SearchResult> found = index.Search(Amount(0), new SearchOptions { Top = null });
        Assert.Equal(Accounts, found.Select(account => account.Key).Distinct().Count());
        Assert.Equal(Accounts, found.Count);
        Assert.All(found, account => Assert.Equal($"account {int.Parse(account.Key) % 3}", account.Label));
        Assert.Equal(Enumerable.Range(0, Accounts).Select(i => $"{i}").Order(), index.Items().Select(item => item.Key).Order());
    }

    internal static async Task Run(string path, IFileSystem files, TimeSpan time, int readers)
    {
        IndexOptions options = new() { Files = files, Limits = IndexOracle.Small };
        using HammingIndex writer = HammingIndex.Create(path, 16, "m", options: options);
        int[] amounts = [.. Enumerable.Repeat(Total / Accounts, Accounts)];
        for (int i = 0; i < Accounts; i++)
            writer.Add(i, Amount(amounts[i]), $"account {i % 3}");
        writer.Commit();

        using CancellationTokenSource done = new(time);
        long looks = 0;
        Task[] looking = [.. Enumerable.Range(0, readers).Select(number => Task.Run(() =>
        {
            HammingIndex reader = number % 2 == 0 ? writer : HammingIndex.Open(path, options);
            while (!done.IsCancellationRequested)
            {
                reader.Refresh();
                RequireConsistent(reader);
                Interlocked.Increment(ref looks);
            }
            if (number % 2 != 0)
                reader.Dispose();
        }))];
        Random random = new(1);
        while (!done.IsCancellationRequested && !looking.Any(task => task.IsFaulted))
        {
            Move(writer, amounts, random);
            if (random.Next(200) == 0)
                writer.Compact();
        }
        await Task.WhenAll(looking);
        Assert.Null(writer.MergeProblem);
        Assert.True(looks > readers, $"only {looks} looks; the test did not test much");
        Assert.Equal(Total, Enumerable.Range(0, Accounts).Sum(i => AmountOf(writer.Get($"{i}")!.Code)));
        Assert.Equal(amounts, Enumerable.Range(0, Accounts).Select(i => AmountOf(writer.Get($"{i}")!.Code)));
    }

    [Fact]
    public async Task Readers_on_other_threads_see_whole_commits()
    {
        using TemporaryFolder folder = new();
        await Run(folder.New(), DiskFileSystem.Instance, TimeSpan.FromSeconds(2), readers: 4);
        Assert.Empty(HammingIndex.Verify(folder.New()));
    }

    /// <summary>Here a segment turns into rubbish as soon as it is freed: a reader that still looked at it would see that.</summary>
    [Fact]
    public Task Nothing_is_freed_that_a_reader_still_looks_at() => Run("/index", new MemoryFileSystem(), TimeSpan.FromSeconds(2), readers: 4);

    [Fact]
    public void A_closed_index_says_so()
    {
        using TemporaryFolder folder = new();
        HammingIndex index = HammingIndex.Create(folder.New(), 16, "m");
        index.Dispose();
        index.Dispose();
        Assert.Throws<ObjectDisposedException>(() => index.Search(Amount(0)));
        Assert.Throws<ObjectDisposedException>(() => index.Add("a", Amount(0)));
        Assert.Throws<ObjectDisposedException>(index.Commit);
    }
}
