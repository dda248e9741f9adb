using System.Text.Json;
using Tern.Codes;
using Tern.Search;

namespace Tern.Index;

/// <summary>An item as it is given to a collection.</summary>
/// <param name="Key">The caller's name for it, 1 to 4096 bytes of UTF-8. A number serves as its digits.</param>
/// <param name="Code">Its code.</param>
public sealed record CodeRecord(string Key, BinaryCode Code)
{
    /// <summary>Its label, or several joined by |; 1 to 4096 bytes of UTF-8. Null for none.</summary>
    public string? Label { get; init; }

    /// <summary>A small JSON object without a name twice, at most 16 KiB: texts, numbers, true and false in it can be asked for by filters. Null for none.</summary>
    public string? Attributes { get; init; }

    /// <summary>What the network says of it before it becomes a code; for a collection that keeps descriptors, and only for such a one. Zeros are near to nothing.</summary>
    public ReadOnlyMemory<float> Descriptor { get; init; }

    /// <summary>Identity of the model that made the code, where it is known: a collection refuses what another model than its own made.</summary>
    public string? ModelIdentity { get; init; }
}

/// <summary>An item that has been found right, in the form in which it is kept.</summary>
internal sealed record PreparedItem(byte[] Key, BinaryCode Code, byte[] Label, byte[] Attributes, byte[] Descriptor)
{
    private const int LongestText = 4096, LongestAttributes = 16 << 10; // bytes

    /// <summary>Checks an item.</summary>
    /// <exception cref="TernException">Something about it cannot be kept.</exception>
    public static PreparedItem Of(CodeRecord record, IndexShape shape, string model)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(record.Code);
        if (record.Code.Bits != shape.Bits)
            throw new TernException($"The code of \"{record.Key}\" has {record.Code.Bits} bits and the index {shape.Bits}; use the model the index was made with ({model}).");
        return new PreparedItem(
            Utf8(record.Key, "key", LongestText),
            record.Code,
            record.Label is { } label ? LabelOf(label) : [],
            record.Attributes is { } attributes ? JsonOf(attributes, record.Key) : [],
            Encoded(record, shape));
    }

    /// <summary>A key as it is kept.</summary>
    /// <exception cref="TernException">It is empty, too long, or not valid Unicode.</exception>
    public static byte[] KeyOf(string key) => Utf8(key, "key", LongestText);

    /// <summary>A label as it is kept.</summary>
    /// <exception cref="TernException">It is empty, too long, or not valid Unicode.</exception>
    public static byte[] LabelOf(string label) => Utf8(label, "label", LongestText);

    /// <summary>Looks at an item that has been read, which nobody may have checked before.</summary>
    /// <exception cref="TernException">Something about its texts could not have been kept.</exception>
    public static void Require(ItemRow item)
    {
        if (item.Key.Length is 0 or > LongestText || item.Label.Length > LongestText || item.Attributes.Length > LongestAttributes)
            throw new TernException("an item has no key, or one, a label or attributes that are too long");
        if (!System.Text.Unicode.Utf8.IsValid(item.Key) || !System.Text.Unicode.Utf8.IsValid(item.Label))
            throw new TernException("an item has a key or a label that is not UTF-8");
        if (!item.Attributes.IsEmpty)
            RequireObject(item.Attributes, TextColumn.Utf8.GetString(item.Key));
    }

    /// <summary>The item; its id is the writer's to give.</summary>
    public ItemRow Row => new() { Id = 0, Key = Key, Code = Code.Words, Label = Label, Attributes = Attributes, Descriptor = Descriptor };

    private static byte[] Utf8(string text, string what, int longest)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            byte[] utf8 = TextColumn.Utf8.GetBytes(text);
            return utf8.Length > 0 && utf8.Length <= longest ? utf8 : throw new TernException($"A {what} takes 1 to {longest} bytes of UTF-8; got {utf8.Length}.");
        }
        catch (System.Text.EncoderFallbackException cause)
        {
            throw new TernException($"The {what} \"{text}\" is not valid Unicode.", cause);
        }
    }

    private static byte[] JsonOf(string json, string key)
    {
        byte[] utf8 = Utf8(json, "JSON object of attributes", LongestAttributes);
        RequireObject(utf8, key);
        return utf8;
    }

    private static void RequireObject(ReadOnlySpan<byte> utf8, string key)
    {
        try
        {
            Utf8JsonReader reader = new(utf8);
            HashSet<string> names = [];
            bool isObject = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
            while (reader.Read())
            {
                string? text = reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String ? reader.GetString() : null; // fails where it is no Unicode
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && !names.Add(text!))
                    throw new TernException($"The attributes of \"{key}\" have \"{text}\" twice.");
            }
            if (!isObject)
                throw new TernException($"The attributes of \"{key}\" must be a JSON object; got {TextColumn.Utf8.GetString(utf8)}");
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException)
        {
            throw new TernException($"The attributes of \"{key}\" are not JSON: {cause.Message}", cause);
        }
    }

    private static byte[] Encoded(CodeRecord record, IndexShape shape)
    {
        if (shape.Descriptor is not { } descriptor)
            return record.Descriptor.IsEmpty ? []
                : throw new TernException($"The index keeps no descriptors, but \"{record.Key}\" comes with one; create an index that does, or leave it out.");
        byte[] stored = new byte[descriptor.Bytes];
        if (record.Descriptor.Length == descriptor.Length && !record.Descriptor.Span.ContainsAnyExcept(0f))
            return stored; // a picture of nothing: it has no direction, and its cosine with anything is 0
        new Descriptors(descriptor.Length, descriptor.Precision).Encode(record.Descriptor.Span, stored);
        return stored;
    }
}
