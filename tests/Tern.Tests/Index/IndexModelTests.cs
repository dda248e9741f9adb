using FsCheck;
using FsCheck.Fluent;
using Tern.Codes;
using Tern.Durability;
using Tern.Index;
using Tern.Search;
using Tern.Tests.Durability;

namespace Tern.Tests.Index;

/// <summary>Any sequence of changes leaves the index as it leaves a dictionary, with hash tables or without.</summary>
public class IndexModelTests
{
    private enum Kind { Add, Remove, Commit, Compact, Reopen, Refresh }

    private sealed record Step(Kind Kind, int Key, int Seed);

    [Theory]
    [InlineData(false, false, 150)]
    [InlineData(false, true, 150)]
    [InlineData(true, true, 10)]
    public void Any_sequence_of_changes_equals_a_dictionary(bool onDisk, bool hashing, int sequences)
    {
        long chunksAsked = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(sequences), Prop.ForAll(Steps().ToArbitrary(), steps =>
        {
            using TemporaryFolder folder = new();
            IFileSystem files = onDisk ? DiskFileSystem.Instance : new MemoryFileSystem();
            IndexLimits limits = IndexOracle.Small with { HashedItems = hashing ? 1 : null };
            IndexOptions options = new() { Files = files, Limits = limits, Hashing = hashing, MergeInBackground = onDisk };
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
                            chunksAsked += RequireNearest(reader, oracle, step.Seed);
                            break;
                    }
                    oracle.RequireCommitted(index);
                    Assert.Equal(seen, IndexOracle.Contents(reader)); // as it was when it looked last
                    RequireFilters(index, oracle);
                    chunksAsked += RequireNearest(index, oracle, step.Seed);
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
        Assert.Equal(hashing, chunksAsked > 0);
    }

    // The nearest are the same by every plan, and as far as those of the dictionary; gives the tables that were asked.
    private static int RequireNearest(HammingIndex index, IndexOracle oracle, int seed)
    {
        BinaryCode query = IndexOracle.Code(seed % (1 << IndexOracle.Bits));
        IndexAnswer hashed = index.Explain(query, new SearchOptions { Top = 5, Plan = SearchPlan.Hashing });
        Assert.Equal(index.Search(query, new SearchOptions { Top = 5, Plan = SearchPlan.Scan }), hashed.Results);
        Assert.Equal(oracle.Committed.Values.Select(item => IndexOracle.Code(item.Code).Distance(query)).Order().Take(5), hashed.Results.Select(found => found.Distance));
        Assert.All(hashed.Results, found => Assert.Equal(IndexOracle.Code(oracle.Committed[found.Key].Code).Distance(query), found.Distance));
        return hashed.Explanation.Chunks;
    }

    private static void RequireFilters(HammingIndex index, IndexOracle oracle)
    {
        IEnumerable<string> Keys(ItemFilter filter) => index.Items(filter).Select(item => item.Key).Order(StringComparer.Ordinal);
        IEnumerable<string> Expected(Func<Known, bool> passes) =>
            oracle.Committed.Where(item => passes(item.Value)).Select(item => item.Key).Order(StringComparer.Ordinal);

        Assert.Equal(Expected(item => item.Label == "label 2"), Keys(ItemFilter.Labelled("label 2")));
        string[] some = ["key 1", "key 12", "key", "\ud800"];
        Assert.Equal(oracle.Committed.Keys.Intersect(some).Order(StringComparer.Ordinal), Keys(ItemFilter.WithKeys(some)));
        Assert.Equal(oracle.Committed.Keys.Where(key => string.CompareOrdinal(key, "key 12") >= 0).Order(StringComparer.Ordinal), Keys(ItemFilter.KeysBetween("key 12", null)));
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
