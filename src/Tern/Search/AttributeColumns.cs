using System.Collections.Concurrent;
using System.Text.Json;

namespace Tern.Search;

/// <summary>The attributes of an item as a JSON object in UTF-8; empty where it has none.</summary>
internal delegate ReadOnlySpan<byte> AttributesOf(int row);

/// <summary>
/// Attributes that are kept as a JSON object for each item. A filter that asks for one reads it from all objects, once: texts, and true and false as texts, are text attributes,
/// numbers are number attributes; null, lists and objects are passed over.
/// </summary>
/// <param name="rows">How many items.</param>
/// <param name="attributesOf">Their attributes.</param>
/// <param name="damaged">The error to throw where they are not JSON: it names what they were read from.</param>
internal sealed class AttributeColumns(int rows, AttributesOf attributesOf, Func<string, Exception, TernException> damaged)
{
    private readonly ConcurrentDictionary<string, (ValueColumn Column, bool IsKnown)> texts = new();
    private readonly ConcurrentDictionary<string, (SortedColumn<double> Column, bool IsKnown)> numbers = new();

    public ValueColumn Text(string name) => texts.GetOrAdd(name, ReadTexts).Column;

    public SortedColumn<double> Numbers(string name) => numbers.GetOrAdd(name, ReadNumbers).Column;

    /// <summary>Whether any item has such an attribute.</summary>
    public bool Has(string name, bool isNumber) => isNumber ? numbers.GetOrAdd(name, ReadNumbers).IsKnown : texts.GetOrAdd(name, ReadTexts).IsKnown;

    /// <summary>The names of all attributes of a kind.</summary>
    public IReadOnlyCollection<string> Names(bool areNumbers) => Read(() =>
    {
        HashSet<string> names = [];
        for (int row = 0; row < rows; row++)
        {
            if (attributesOf(row).IsEmpty)
                continue;
            Utf8JsonReader reader = new(attributesOf(row));
            reader.Read(); // the object
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                reader.Read();
                if (areNumbers ? reader.TokenType == JsonTokenType.Number : TextAt(ref reader) is not null)
                    names.Add(name);
                reader.Skip();
            }
        }
        return names;
    });

    private (ValueColumn, bool) ReadTexts(string name) => Read(() =>
    {
        string?[] values = new string?[rows];
        for (int row = 0; row < rows; row++)
            if (Find(attributesOf(row), name, out Utf8JsonReader reader))
                values[row] = TextAt(ref reader);
        return (ValueColumn.Of(values), Array.Exists(values, value => value is not null));
    });

    private (SortedColumn<double>, bool) ReadNumbers(string name) => Read(() =>
    {
        double[] values = new double[rows];
        for (int row = 0; row < rows; row++)
            values[row] = Find(attributesOf(row), name, out Utf8JsonReader reader) && reader.TokenType == JsonTokenType.Number
                && reader.TryGetDouble(out double value) ? value : double.NaN;
        return (new SortedColumn<double>(rows, row => values[row], Comparer<double>.Default), Array.Exists(values, value => !double.IsNaN(value)));
    });

    // What we have written is JSON; what came from elsewhere under a checksum that fits may be anything.
    private T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException)
        {
            throw damaged($"the attributes of an item are not JSON ({cause.Message.TrimEnd('.')})", cause);
        }
    }

    // Leaves the reader at the value.
    private static bool Find(ReadOnlySpan<byte> json, string name, out Utf8JsonReader reader)
    {
        reader = new Utf8JsonReader(json);
        if (json.IsEmpty)
            return false;
        reader.Read(); // the object
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool found = reader.ValueTextEquals(name);
            reader.Read();
            if (found)
                return true;
            reader.Skip();
        }
        return false;
    }

    private static string? TextAt(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => null,
    };
}
