using Tern.Search;

namespace Tern.Postgres.Tests;

/// <summary>A filter, and what it means.</summary>
internal sealed record MadeFilter(ItemFilter? Filter, Func<MadeItem, bool> Passes)
{
    public static readonly MadeFilter None = new(null, _ => true);

    /// <summary>Any filter, made of others to some depth.</summary>
    public static MadeFilter Draw(Random random, int depth)
    {
        if (depth == 0)
            return Simple(random);
        MadeFilter one = Draw(random, depth - 1), other = Draw(random, depth - 1);
        return random.Next(4) switch
        {
            0 => new MadeFilter(one.Filter!.And(other.Filter!), item => one.Passes(item) && other.Passes(item)),
            1 => new MadeFilter(one.Filter!.Or(other.Filter!), item => one.Passes(item) || other.Passes(item)),
            2 => new MadeFilter(one.Filter!.Not(), item => !one.Passes(item)),
            _ => one,
        };
    }

    private static MadeFilter Simple(Random random)
    {
        double from = random.Next(-5, 5) / 2.0, to = random.Next(-5, 5) / 2.0;
        string key = $"{random.Next(3)}/{random.Next(100)}", next = $"{random.Next(3)}/{random.Next(100)}";
        return random.Next(9) switch
        {
            0 => new MadeFilter(ItemFilter.Labelled("red"), item => item.Label is "red" or "shoe|red"),
            1 => new MadeFilter(ItemFilter.Labelled("hat", "shoe|red", "none"), item => item.Label is "hat" or "shoe|red"),
            2 => new MadeFilter(ItemFilter.Labelled(), _ => false),
            3 => new MadeFilter(ItemFilter.WithKeys([key, next, "nothing"]), item => item.Key == key || item.Key == next),
            4 => new MadeFilter(ItemFilter.KeysBetween(key, next), item => string.CompareOrdinal(item.Key, key) >= 0 && string.CompareOrdinal(item.Key, next) < 0),
            5 => new MadeFilter(ItemFilter.KeysBetween(null, next), item => string.CompareOrdinal(item.Key, next) < 0),
            6 => new MadeFilter(ItemFilter.Where("colour", "red", "green"), item => item.Colour == "red"),
            7 => new MadeFilter(ItemFilter.Between("price", from, to), item => item.Price >= from && item.Price <= to),
            _ => new MadeFilter(ItemFilter.Between("price", null, to), item => item.Price <= to),
        };
    }
}
