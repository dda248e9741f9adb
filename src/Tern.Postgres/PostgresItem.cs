using System.Text;
using System.Text.Json;
using Tern.Codes;
using Tern.Postgres.Layouts;

namespace Tern.Postgres;

/// <summary>An item of a collection.</summary>
/// <param name="Key">The caller's name for it, 1 to 2048 bytes of UTF-8.</param>
/// <param name="Code">Its code.</param>
/// <param name="Label">Its label, if it has one; several are joined by |. An empty one is none.</param>
/// <param name="Attributes">A JSON object without a name twice, that filters may ask about: members that are texts, true or false (as texts), or numbers. The server keeps its members, not
/// their order or spaces.</param>
public sealed record PostgresItem(string Key, BinaryCode Code, string? Label = null, string? Attributes = null)
{
    /// <summary>The longest key, in bytes of UTF-8: what PostgreSQL's indexes can hold.</summary>
    public const int MaxKeyBytes = 2048;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>An item whose code is known to come from a model, which must be the collection's.</summary>
    public PostgresItem(string key, ModelCode code, string? label = null, string? attributes = null)
        : this(key, code?.Code ?? throw new ArgumentNullException(nameof(code)), label, attributes) => Model = code.ModelIdentity;

    /// <summary>Identity of the model that made the code; null where it is not known.</summary>
    public string? Model { get; init; }

    /// <summary>Number of the addition: given by the server, null until then. Equal distances are ordered by it.</summary>
    public long? Id { get; init; }

    internal string? StoredLabel => string.IsNullOrEmpty(Label) ? null : Label;

    /// <exception cref="TernException">A collection of such codes cannot hold this item.</exception>
    internal void Require(Identity identity)
    {
        ArgumentNullException.ThrowIfNull(Key);
        ArgumentNullException.ThrowIfNull(Code);
        RequireText(Key, "key");
        if (Key.Length == 0 || StrictUtf8.GetByteCount(Key) > MaxKeyBytes)
            throw new TernException($"A key has 1 to {MaxKeyBytes} bytes of UTF-8; got {StrictUtf8.GetByteCount(Key)}.");
        RequireText(Label ?? "", "label");
        if (Code.Bits != identity.Bits)
            throw new TernException(
                $"The code of \"{Key}\" has {Code.Bits} bits and the collection {identity.Bits}; use the model the collection was made with ({identity.Model}).");
        if (Model is not null && Model != identity.Model)
            throw new TernException(
                $"The collection was made with model {identity.Model}, the code of \"{Key}\" comes from model {Model}; use the right model, or make another collection.");
        if (Attributes is not null)
            RequireAttributes(Attributes);
    }

    private void RequireText(string text, string what)
    {
        if (text.Contains('\0'))
            throw new TernException($"The {what} of \"{Key.Replace("\0", "\\0", StringComparison.Ordinal)}\" holds a zero character, which PostgreSQL cannot keep.");
        try
        {
            StrictUtf8.GetByteCount(text);
        }
        catch (EncoderFallbackException cause)
        {
            throw new TernException($"The {what} of \"{Key}\" is no Unicode text: it holds half of a surrogate pair.", cause);
        }
    }

    private void RequireAttributes(string json)
    {
        RequireText(json, "attributes");
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new TernException($"The attributes of \"{Key}\" must be a JSON object; got {document.RootElement.ValueKind}.");
            HashSet<string> names = [];
            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                if (!names.Add(member.Name))
                    throw new TernException($"The attributes of \"{Key}\" have \"{member.Name}\" twice.");
                if (member.Value.ValueKind == JsonValueKind.Number && !(member.Value.TryGetDouble(out double number) && double.IsFinite(number)))
                    throw new TernException($"The attribute {member.Name} of \"{Key}\" must fit a double; got {member.Value.GetRawText()}.");
            }
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException) // the latter for half of a surrogate pair in a name
        {
            throw new TernException($"The attributes of \"{Key}\" are not JSON: {cause.Message}", cause);
        }
    }
}
