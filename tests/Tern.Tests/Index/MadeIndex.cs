using Tern.Codes;
using Tern.Index;
using Tern.Search;
using Tern.Tests.Durability;

namespace Tern.Tests.Index;

/// <summary>A small index in memory that has a file of every kind.</summary>
internal static class MadeIndex
{
    public const string Folder = "/index";

    private static readonly DescriptorShape Shape = new(3, DescriptorPrecision.Int8);

    public static BinaryCode Code(int value) => BinaryCode.FromWords([(ulong)value], 12);

    /// <summary>A manifest, two segments, marks of removed items, and a log with two commits.</summary>
    public static MemoryFileSystem Make(string key = "item")
    {
        MemoryFileSystem files = new();
        using (HammingIndex index = HammingIndex.Create(Folder, 12, "m", Shape, Options(files) with { Limits = new IndexLimits(LogBytes: 1) })) // a commit is a segment
        {
            for (int i = 0; i < 6; i++)
                index.Add(Record(key, i));
            index.Commit();
            index.Remove($"{key} 1");
            index.Remove($"{key} 2");
            index.Add(Record(key, 6));
            index.Commit();
        }
        using (HammingIndex index = HammingIndex.Open(Folder, Options(files) with { Writable = true }))
        {
            index.Add(Record(key, 7));
            index.Commit();
            index.Remove($"{key} 3");
            index.Commit();
        }
        return files;
    }

    public static CodeRecord Record(string key, int i) => new($"{key} {i}", Code(i))
    {
        Label = i % 2 == 0 ? "even" : "odd",
        Attributes = $$"""{"number":{{i}}}""",
        Descriptor = new float[] { 1, i, -i },
    };

    public static IndexOptions Options(MemoryFileSystem files) => new() { Files = files, MergeInBackground = false };

    /// <summary>Everything an index can be asked for.</summary>
    public static string Use(MemoryFileSystem files)
    {
        using HammingIndex index = HammingIndex.Open(Folder, Options(files));
        SearchOptions rerank = new() { Top = null, RerankAmong = 3, Descriptor = new float[] { 1, 2, 3 } };
        IEnumerable<object> said =
        [
            .. index.Search(Code(0), rerank),
            .. index.Items(ItemFilter.Labelled("odd").Or(ItemFilter.Between("number", 3, 100)).Or(ItemFilter.WithKeys(["item 4"]))),
            index.Get("item 0")?.Code.ToString() ?? "",
            index.Get("item 3")?.Code.ToString() ?? "",
        ];
        return string.Join('\n', said);
    }
}
