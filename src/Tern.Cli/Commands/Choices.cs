using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Tern.Training.Data;
using Tern.Training.Export;

namespace Tern.Cli.Commands;

/// <summary>Options whose wrong values are told in the words of the command line.</summary>
internal static class Choices
{
    /// <summary>One of the names of an enumeration, written as in recipes; the first when left out.</summary>
    public static Option<T> Named<T>(string name, string description) where T : struct, Enum
    {
        Dictionary<string, T> values = Enum.GetValues<T>()
            .ToDictionary(value => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()), StringComparer.OrdinalIgnoreCase);
        return new Option<T>(name)
        {
            Description = description,
            HelpName = string.Join('|', values.Keys),
            CustomParser = result => values.TryGetValue(result.Tokens[0].Value, out T value)
                ? value
                : Refuse<T>(result, $"is none of {string.Join(", ", values.Keys)}"),
        };
    }

    /// <summary>A whole number of at least <paramref name="least"/>.</summary>
    public static Option<int?> Number(string name, string description, int least) => new(name)
    {
        Description = description,
        HelpName = "number",
        CustomParser = result => int.TryParse(result.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least
            ? value
            : Refuse<int?>(result, $"must be a whole number of at least {least}"),
    };

    /// <summary>Whole numbers of at least 1, with commas between.</summary>
    public static Option<int[]?> Numbers(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "number,...",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            int[] values = [.. result.Tokens[0].Value.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : 0)];
            return values.Contains(0) ? Refuse<int[]>(result, "must be whole numbers of at least 1 with commas between") : values;
        },
    };

    /// <summary>How the classes of a folder or list are divided.</summary>
    public static Option<int?> TrainClasses() => Number("--train-classes", "Of a folder or list: so many classes are trained on, in the order of their names; the others are for testing", least: 1);

    /// <summary>Whether pictures are cut to their boxes.</summary>
    public static Option<bool> Boxes() => new("--boxes") { Description = "Of cub200, cars196, inShop: cut pictures to the boxes that come with them" };

    /// <summary>NETWORK=UNIT:NUMBER, such as student=multiplyAdds:600e6.</summary>
    public static Option<(string Network, CostUnit Unit, double Budget)?> Budget(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "NETWORK=UNIT:NUMBER",
        CustomParser = result => result.Tokens[0].Value.Split('=', ':') is [("teacher" or "student") and var network, var unit, var number]
                && Enum.GetValues<CostUnit>().Where(known => JsonNamingPolicy.CamelCase.ConvertName(known.ToString()) == unit).ToArray() is [var chosen]
                && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double budget) && budget > 0
            ? (network, chosen, budget)
            : Refuse<(string, CostUnit, double)?>(result, "must be such as student=multiplyAdds:600e6 or teacher=bytes:4e6"),
    };

    /// <summary>The list of pairs that --pairs and --folds name; null where there is none.</summary>
    public static PairsSpec? Pairs(string? list, int[]? folds)
    {
        if (folds is []) folds = null;                                        // what the command line gives where the option is left out
        if (list is null && folds is not null) throw new TernException("--folds are of a list of pairs: name it with --pairs");
        if (list is null) return null;
        var pairs = new PairsSpec(list, folds);
        return pairs.Problems().FirstOrDefault() is { } problem ? throw new TernException($"--pairs: {problem}") : pairs;
    }

    private static T? Refuse<T>(ArgumentResult result, string why)
    {
        result.AddError($"{((OptionResult)result.Parent!).IdentifierToken?.Value}: '{result.Tokens[0].Value}' {why}");
        return default;
    }
}
