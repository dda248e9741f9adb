using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Tern.Training.Data;

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

    /// <summary>The list of pairs that --pairs and --fold name; null where there is none.</summary>
    public static PairsSpec? Pairs(string? list, int? fold)
    {
        if (list is null && fold is not null) throw new TernException("--fold is of a list of pairs: name it with --pairs");
        if (list is null) return null;
        var pairs = new PairsSpec(list, fold);
        return pairs.Problems().FirstOrDefault() is { } problem ? throw new TernException($"--pairs: {problem}") : pairs;
    }

    private static T? Refuse<T>(ArgumentResult result, string why)
    {
        result.AddError($"{((OptionResult)result.Parent!).IdentifierToken?.Value}: '{result.Tokens[0].Value}' {why}");
        return default;
    }
}
