using System.Globalization;
using Tern.Codes;
using Tern.Index;

namespace Tern.Postgres.Tests;

/// <summary>An item with all that filters can ask about.</summary>
internal sealed record MadeItem(string Key, BinaryCode Code, string? Label, string? Colour, double? Price)
{
    private static readonly string?[] Labels = [null, "shoe", "hat", "shoe|red", "red"];
    private static readonly string?[] Colours = [null, "red", "blue"];

    public PostgresItem Item => new(Key, Code, Label, Attributes);

    // As PostgreSQL writes them: shorter names first.
    private string? Attributes => Colour is null && Price is null ? null : "{" + string.Join(", ", Members()) + "}";

    /// <summary>Items around few centres, some of them equal.</summary>
    public static MadeItem[] Clustered(Random random, int bits, int count, int centres, double flip)
    {
        BinaryCode[] pool = [.. Enumerable.Range(0, centres).Select(_ => RandomCode(random, bits))];
        List<MadeItem> items = [];
        for (int i = 0; i < count; i++)
            items.Add(new MadeItem(
                $"{random.Next(3)}/{i}",
                Near(random, i > 0 && random.Next(5) == 0 ? items[random.Next(i)].Code : pool[random.Next(centres)], random.Next(5) == 0 ? 0 : flip),
                Labels[random.Next(Labels.Length)], Colours[random.Next(Colours.Length)], random.Next(3) == 0 ? null : random.Next(-5, 5) / 2.0));
        return [.. items];
    }

    public static BinaryCode RandomCode(Random random, int bits) => Near(random, BinaryCode.FromSigns(new float[bits]), 0.5);

    /// <summary>A code with some bits changed.</summary>
    public static BinaryCode Near(Random random, BinaryCode code, double flip)
    {
        ulong[] words = code.Words.ToArray();
        for (int bit = 0; bit < code.Bits; bit++)
            if (random.NextDouble() < flip)
                words[bit / 64] ^= 1UL << bit % 64;
        return BinaryCode.FromWords(words, code.Bits);
    }

    /// <summary>The definition of a search: everything that passes, by (distance, id); of each label the first.</summary>
    public static SearchResult[] Sorted(IEnumerable<(MadeItem Item, long Id)> items, BinaryCode query, SearchOptions options, Func<MadeItem, bool> passes) =>
        [.. items.Where(item => passes(item.Item))
            .Select(item => new SearchResult(item.Item.Key, item.Item.Label, item.Item.Code.Distance(query), item.Id) { Attributes = item.Item.Attributes })
            .Where(result => result.Distance <= (options.Within ?? int.MaxValue))
            .OrderBy(result => result.Distance).ThenBy(result => result.Id)
            .DistinctBy(result => options.OnePerLabel && result.Label is not null ? result.Label : $"no label, {result.Id}")
            .Skip(options.Skip).Take(options.Top ?? int.MaxValue)];

    private IEnumerable<string> Members()
    {
        if (Price is { } price)
            yield return $"\"price\": {price.ToString(CultureInfo.InvariantCulture)}";
        if (Colour is not null)
            yield return $"\"colour\": \"{Colour}\"";
    }
}
