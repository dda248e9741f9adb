using FsCheck;
using FsCheck.Fluent;
using Tern.Durability;
using Tern.Index;
using Tern.Search;
using Tern.Tests.Durability;

namespace Tern.Tests.Index;

/// <summary>Any sequence of changes leaves the index as it leaves a dictionary.</summary>
public class IndexModelTests
{
    private enum Kind { Add, Remove, Commit, Compact, Reopen, Refresh }

    private sealed record Step(Kind Kind, int Key, int Seed);

    [Theory]
    [InlineData(false, 150)]
    [InlineData(true, 10)]
    public void Any_sequence_of_changes_equals_a_dictionary(bool onDisk, int sequences) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(sequences), Prop.ForAll(Steps().ToArbitrary(), steps =>
    {
        using TemporaryFolder folder = new();
        IFileSystem files = onDisk ? DiskFileSystem.Instance : new MemoryFileSystem();
        IndexOptions options = new() { Files = files, Limits = IndexOracle.Small, MergeInBackground = onDisk };
        IndexOracle oracle = new();
        HammingIndex index = HammingIndex.Create(folder.New(), IndexOracle.Bits, "m", options: options);
        HammingIndex reader = HammingIndex.Open(folder.New(), options);
        string[] seen = [];
        try
        {
            foreach (Step step in steps)
            {
                switch (step.Kind)
                {
                    case Kind.Add: oracle.Add(index, $"key {step.Key}", IndexOracle.Draw(new Random(step.Seed))); break;
                    case Kind.Remove: oracle.Remove(index, $"key {step.Key}"); break;
                    case Kind.Commit: oracle.Commit(index); break;
                    case Kind.Compact:
                        index.Compact(); // which commits
                        oracle.Accept();
                        break;
                    case Kind.Reopen:
                        index.Dispose();
                        index = HammingIndex.Open(folder.New(), options with { Writable = true });
                        oracle.Forget();
                        break;
                    case Kind.Refresh:
                        reader.Refresh();
                        oracle.RequireCommitted(reader);
                        seen = IndexOracle.Contents(reader);
                        break;
                }
                oracle.RequireCommitted(index);
                Assert.Equal(seen, IndexOracle.Contents(reader)); // as it was when it looked last
                RequireFilters(index, oracle);
            }
            Assert.Null(index.MergeProblem);
            index.Dispose();
            Assert.Empty(HammingIndex.Verify(folder.New(), files));
        }
        finally
        {
            index.Dispose();
            reader.Dispose();
        }
    }));

    private static void RequireFilters(HammingIndex index, IndexOracle oracle)
    {
        IEnumerable<string> Keys(ItemFilter filter) => index.Items(filter).Select(item => item.Key).Order(StringComparer.Ordinal);
        IEnumerable<string> Expected(Func<Known, bool> passes) =>
            oracle.Committed.Where(item => passes(item.Value)).Select(item => item.Key).Order(StringComparer.Ordinal);

        Assert.Equal(Expected(item => item.Label == "label 2"), Keys(ItemFilter.Labelled("label 2")));
        if (oracle.Committed.Values.All(item => item.Attributes is null))
            return; // nothing to ask for
        Assert.Equal(Expected(item => item.Attributes?.Contains("\"s1\"", StringComparison.Ordinal) ?? false), Keys(ItemFilter.Where("shop", "s1")));
        Assert.Equal(Expected(item => item.Attributes is { } json && json[9] < '5'), Keys(ItemFilter.Between("price", null, 4))); // {"price":d
    }

    private static Gen<Step[]> Steps() =>
        (from kind in Gen.Frequency((12, Gen.Constant(Kind.Add)), (6, Gen.Constant(Kind.Remove)), (8, Gen.Constant(Kind.Commit)), (1, Gen.Constant(Kind.Compact)),
            (2, Gen.Constant(Kind.Reopen)), (3, Gen.Constant(Kind.Refresh)))
         from key in Gen.Choose(0, 15)
         from seed in Gen.Choose(0, int.MaxValue)
         select new Step(kind, key, seed)).ArrayOf(80);
}
