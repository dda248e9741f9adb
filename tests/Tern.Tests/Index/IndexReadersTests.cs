using System.Diagnostics;
using System.Globalization;
using Tern.Codes;
using Tern.Durability;
using Tern.Index;
using Tern.Search;
using Tern.Tests.Durability;

namespace Tern.Tests.Index;

/// <summary>Readers see one commit or the next, whatever is written, merged and deleted meanwhile.</summary>
public class IndexReadersTests
{
    private const int Accounts = 40, Total = 4000;

    private static readonly IndexOptions Small = new() { Limits = IndexOracle.Small with { HashedItems = 4 }, Hashing = true };

    // Every commit moves an amount from one account to another, so the sum over all never changes. An account's label and code are its amount; one that is empty is closed.
    private static void Put(HammingIndex index, int account, int amount)
    {
        if (amount == 0)
            index.Remove($"{account}");
        else
            index.Add(new CodeRecord($"{account}", Code(amount)) { Label = $"{amount}", Attributes = $$"""{"amount":{{amount}}}""" });
    }

    // Now and then all are written at once; then they have no attributes.
    private static void PutAll(HammingIndex index, int[] amounts)
    {
        int[] open = [.. Enumerable.Range(0, Accounts).Where(account => amounts[account] > 0)];
        index.AddRange(Array.ConvertAll(open, account => (long)account), PackedCodes.FromWords(Array.ConvertAll(open, account => (ulong)amounts[account]), 16),
            Array.ConvertAll(open, account => $"{amounts[account]}"));
    }

    private static BinaryCode Code(int value) => BinaryCode.FromWords([(ulong)value], 16);

    private static void Move(HammingIndex index, int[] amounts, Random random)
    {
        int from = random.Next(Accounts), to = random.Next(Accounts), amount = random.Next(3) == 0 ? amounts[from] : random.Next(amounts[from] + 1);
        amounts[from] -= amount;
        amounts[to] += amount;
        Put(index, from, amounts[from]);
        Put(index, to, amounts[to]);
        if (random.Next(20) == 0)
            PutAll(index, amounts);
        index.Commit();
        if (random.Next(200) == 0)
            index.Compact();
    }

    // A reader stands still until it is refreshed; the writer's own index may change between two calls.
    private static void RequireConsistent(HammingIndex index, bool still)
    {
        IReadOnlyList<SearchResult> found = Found(index, null);
        Assert.Equal(Total, found.Sum(Amount));
        Assert.Equal(found.Count, found.Select(account => account.Key).Distinct().Count());
        Assert.Equal(Total, index.Items().Sum(item => int.Parse(item.Label!)));
        if (!still)
            return;
        Assert.Equal(found.Count, index.Count);
        Assert.All(found, account => Assert.Equal(Code(Amount(account)), index.Get(account.Key)!.Code));
        Assert.Equal(found.Where(account => account.Key.StartsWith('1')), Found(index, ItemFilter.KeysBetween("1", "2")));
        Assert.Equal(found.Where(account => account.Label == "100"), Found(index, ItemFilter.Labelled("100")));
        if (found.Any(account => account.Attributes is not null)) // else nobody has ever heard of amounts
            Assert.Equal(found.Where(account => account.Attributes is not null && Amount(account) >= 100), Found(index, ItemFilter.Between("amount", 100, Total)));
    }

    private static IReadOnlyList<SearchResult> Found(HammingIndex index, ItemFilter? filter)
    {
        IReadOnlyList<SearchResult> found = index.Search(Code(0), new SearchOptions { Top = null, Filter = filter });
        Assert.All(found, account => Assert.Equal(Code(Amount(account)).Distance(Code(0)), account.Distance));
        Assert.All(found, account => Assert.True(account.Attributes is null || account.Attributes == $$"""{"amount":{{account.Label}}}"""));
        return found;
    }

    private static int Amount(SearchResult account) => int.Parse(account.Label!);

    /// <summary>A reader in a process of its own. Returns how often it looked.</summary>
    internal static long Look(string path, TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp(), looks = 0;
        using HammingIndex reader = HammingIndex.Open(path, Small);
        for (; Stopwatch.GetElapsedTime(start) < time; looks++)
        {
            reader.Refresh();
            RequireConsistent(reader, still: true);
        }
        return looks;
    }

    // How often a reader in another process has looked; fails with what it printed if it saw anything but whole commits. The first that fails stops all.
    private static async Task<long> LookElsewhere(string path, TimeSpan time, CancellationTokenSource failed)
    {
        using Process reader = Process.Start(new ProcessStartInfo("dotnet",
            ["exec", typeof(IndexReadersTests).Assembly.Location, "reader", path, time.TotalSeconds.ToString(CultureInfo.InvariantCulture)])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using CancellationTokenRegistration stop = failed.Token.Register(reader.Kill);
        Task<string> problem = reader.StandardError.ReadToEndAsync();
        string looks = await reader.StandardOutput.ReadToEndAsync();
        await reader.WaitForExitAsync(CancellationToken.None);
        if (failed.IsCancellationRequested)
            return 0;
        if (reader.ExitCode != 0)
            await failed.CancelAsync();
        Assert.True(reader.ExitCode == 0, await problem);
        return long.Parse(looks, CultureInfo.InvariantCulture);
    }

    /// <summary>Commits for so long beside readers on other threads and in other processes. Returns how often they looked.</summary>
    internal static async Task<long> Run(string path, IFileSystem files, TimeSpan time, int readers, int processes = 0)
    {
        IndexOptions options = Small with { Files = files };
        using HammingIndex writer = HammingIndex.Create(path, 16, "m", options: options);
        int[] amounts = [.. Enumerable.Repeat(Total / Accounts, Accounts)];
        for (int i = 0; i < Accounts; i++)
            Put(writer, i, amounts[i]);
        writer.Commit();

        // A clock that is looked at, and threads of their own: readers that fill the pool would keep a timer from ever being heard.
        long start = Stopwatch.GetTimestamp();
        using CancellationTokenSource failed = new();
        bool Done() => failed.IsCancellationRequested || Stopwatch.GetElapsedTime(start) >= time;
        long looks = 0;
        Task<long>[] elsewhere = [.. Enumerable.Range(0, processes).Select(_ => LookElsewhere(path, time, failed))];
        Task[] looking = [.. Enumerable.Range(0, readers).Select(number => Threads.Start(() =>
        {
            HammingIndex reader = number % 2 == 0 ? writer : HammingIndex.Open(path, options);
            try
            {
                for (; !Done(); Interlocked.Increment(ref looks))
                {
                    reader.Refresh();
                    RequireConsistent(reader, still: reader != writer);
                }
            }
            catch
            {
                failed.Cancel();
                throw;
            }
            if (number % 2 != 0)
                reader.Dispose();
        }))];
        Task verifying = Threads.Start(() =>
        {
            while (!Done())
                Assert.Empty(HammingIndex.Verify(path, files));
        });
        Random random = new(1);
        while (!Done())
            Move(writer, amounts, random);
        await Task.WhenAll([.. looking, verifying]);
        long[] others = await Task.WhenAll(elsewhere);
        Assert.Null(writer.MergeProblem);
        Assert.True(looks > readers, $"only {looks} looks; the test did not test much");
        Assert.All(others, count => Assert.True(count > 0, "a process did not look"));
        Assert.Equal(amounts, Enumerable.Range(0, Accounts).Select(account => int.Parse(writer.Get($"{account}")?.Label ?? "0")));
        return looks + others.Sum();
    }

    [Fact]
    public async Task Readers_on_other_threads_and_in_other_processes_see_whole_commits()
    {
        using TemporaryFolder folder = new();
        await Run(folder.New(), DiskFileSystem.Instance, TimeSpan.FromSeconds(2), readers: 4, processes: 2);
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
        Assert.Throws<ObjectDisposedException>(() => index.Search(Code(0)));
        Assert.Throws<ObjectDisposedException>(() => index.Add("a", Code(0)));
        Assert.Throws<ObjectDisposedException>(index.Commit);
    }
}
