using Tern.Codes;
using Tern.Index;

namespace Tern.Tests.Index;

/// <summary>An item as a test knows it.</summary>
internal sealed record Known(int Code, string? Label, string? Attributes);

/// <summary>A dictionary that is changed as an index is, to compare the two.</summary>
internal sealed class IndexOracle
{
    public const int Bits = 12;

    /// <summary>So small that a few commits fill the log, and a few logs want a merge.</summary>
    public static readonly IndexLimits Small = new(LogBytes: 900, RecentItems: 9, Segments: 3);

    /// <summary>What has been acknowledged.</summary>
    public Dictionary<string, Known> Committed { get; private set; } = [];

    /// <summary>What has been acknowledged, and what waits.</summary>
    public Dictionary<string, Known> Waiting { get; private set; } = [];

    public static BinaryCode Code(int value) => BinaryCode.FromWords([(ulong)value], Bits);

    /// <summary>An item that is a function of chance.</summary>
    public static Known Draw(Random random) => new(
        random.Next(1 << Bits), random.Next(4) is > 0 and int label ? $"label {label}" : null, random.Next(3) == 0 ? $$"""{"price":{{random.Next(10)}},"shop":"s{{random.Next(3)}}"}""" : null);

    public void Add(HammingIndex index, string key, Known item)
    {
        index.Add(new CodeRecord(key, Code(item.Code)) { Label = item.Label, Attributes = item.Attributes });
        Waiting[key] = item;
    }

    public void Remove(HammingIndex index, string key) => Assert.Equal(Waiting.Remove(key), index.Remove(key));

    public void Commit(HammingIndex index)
    {
        index.Commit();
        Committed = new(Waiting);
    }

    /// <summary>What waits turns out to be committed.</summary>
    public void Accept() => Committed = new(Waiting);

    /// <summary>What waits is forgotten.</summary>
    public void Forget() => Waiting = new(Committed);

    /// <summary>Goes back to what was known before.</summary>
    public void Restore(Dictionary<string, Known> committed, Dictionary<string, Known> waiting) => (Committed, Waiting) = (new(committed), new(waiting));

    /// <summary>Fails unless the index holds what has been acknowledged.</summary>
    public void RequireCommitted(HammingIndex index) => Assert.Equal(Lines(Committed), Contents(index));

    /// <summary>A commit was interrupted: the index holds all of what waited, or nothing of it. Takes over which.</summary>
    public void Settle(HammingIndex index)
    {
        string[] contents = Contents(index);
        if (contents.SequenceEqual(Lines(Waiting)))
            Accept();
        else
            Assert.Equal(Lines(Committed), contents);
        Forget();
    }

    /// <summary>Everything an index says of its items, asked in three ways.</summary>
    public static string[] Contents(HammingIndex index)
    {
        Dictionary<string, int> distances = index.Search(Code(0), new SearchOptions { Top = null }).ToDictionary(found => found.Key, found => found.Distance);
        string[] lines = [.. index.Items().Select(item =>
        {
            CodeRecord record = index.Get(item.Key)!;
            Assert.Equal((item.Label, item.Attributes, distances[item.Key]), (record.Label, record.Attributes, record.Code.Distance(Code(0))));
            return Line(item.Key, record.Code.ToString(), item.Label, item.Attributes);
        }).Order(StringComparer.Ordinal)];
        Assert.Equal(lines.Length, distances.Count);
        Assert.Equal(lines.Length, index.Count);
        return lines;
    }

    private static string[] Lines(Dictionary<string, Known> items) =>
        [.. items.Select(item => Line(item.Key, Code(item.Value.Code).ToString(), item.Value.Label, item.Value.Attributes)).Order(StringComparer.Ordinal)];

    private static string Line(string key, string code, string? label, string? attributes) => $"{key}: {code} {label} {attributes}";
}
