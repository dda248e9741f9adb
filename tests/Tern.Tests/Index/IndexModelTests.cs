using FsCheck;
using FsCheck.Fluent;
using Tern.Codes;
using Tern.Index;

namespace Tern.Tests.Index;

/// <summary>Any sequence of changes leaves the index as it leaves a dictionary.</summary>
public class IndexModelTests
{
    private enum Kind { Add, Remove, Commit, Reopen }

    private sealed record Step(Kind Kind, int Key, int Code);

    [Fact]
    public void Any_sequence_of_changes_equals_a_dictionary() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(40), Prop.ForAll(Steps().ToArbitrary(), steps =>
    {
        using TemporaryFolder folder = new();
        HammingIndex index = HammingIndex.Create(folder.New(), 12, "m");
        Dictionary<string, (int Code, long Id)> pending = [], committed = [];
        long nextId = 0;
        try
        {
            foreach (Step step in steps)
            {
                string key = $"key {step.Key}";
                if (step.Kind == Kind.Add)
                {
                    index.Add(key, Code(step.Code), $"label {step.Code % 3}");
                    pending[key] = (step.Code, nextId++);
                }
                else if (step.Kind == Kind.Remove)
                {
                    Assert.Equal(pending.Remove(key), index.Remove(key));
                }
                else if (step.Kind == Kind.Commit)
                {
                    index.Commit();
                    committed = new(pending);
                }
                else
                {
                    index.Dispose();
                    index = HammingIndex.Open(folder.New(), new IndexOptions { Writable = true });
                    pending = new(committed);
                }
                Assert.Equal(Expected(committed),
                    index.Search(Code(0), new SearchOptions { Top = null }).Select(r => (r.Key, r.Label!, r.Distance)));
                Assert.Equal(committed.Count, index.Count);
            }
            Assert.Empty(HammingIndex.Verify(folder.New()));
        }
        finally
        {
            index.Dispose();
        }
    }));

    // Ids lost with uncommitted changes are given again after reopening, so only their order is compared.
    private static IEnumerable<(string, string, int)> Expected(Dictionary<string, (int Code, long Id)> items) =>
        items.OrderBy(item => Code(0).Distance(Code(item.Value.Code))).ThenBy(item => item.Value.Id)
            .Select(item => (item.Key, $"label {item.Value.Code % 3}", Code(0).Distance(Code(item.Value.Code))));

    private static BinaryCode Code(int value) => BinaryCode.FromWords([(ulong)value], 12);

    private static Gen<Step[]> Steps() =>
        (from kind in Gen.Frequency((6, Gen.Constant(Kind.Add)), (3, Gen.Constant(Kind.Remove)), (4, Gen.Constant(Kind.Commit)),
            (1, Gen.Constant(Kind.Reopen)))
         from key in Gen.Choose(0, 15)
         from code in Gen.Choose(0, 4095)
         select new Step(kind, key, code)).ArrayOf(60);
}
