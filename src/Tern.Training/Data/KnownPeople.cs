using System.Security.Cryptography;

namespace Tern.Training.Data;

/// <summary>
/// Whom a model has learned from, as its file says it: six bytes of the SHA-256 of each name, eight characters a person. Enough to find somebody whose name is known; a
/// stranger is taken for one of a thousand with a chance below one in 10^11.
/// </summary>
internal sealed class KnownPeople
{
    /// <summary>The model's metadata entry: Base64 of all digests, ascending.</summary>
    internal const string Key = "tern.peopleDigests";

    private const int Length = 6;

    private readonly HashSet<string> digests;

    private KnownPeople(IEnumerable<string> digests) => this.digests = [.. digests];

    /// <summary>What a model's metadata say; null where they say nothing.</summary>
    public static KnownPeople? Read(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue(Key, out string? text) ? new KnownPeople(Convert.FromBase64String(text).Chunk(Length).Select(Convert.ToHexString)) : null;

    /// <summary>The entry's text for these names.</summary>
    public static string Text(IEnumerable<string> people) => Convert.ToBase64String(Convert.FromHexString(string.Concat(people.Select(Digest).Distinct().Order(StringComparer.Ordinal))));

    /// <summary>Those that the model has learned from.</summary>
    public string[] Among(IEnumerable<string> people) => [.. people.Where(person => digests.Contains(Digest(person)))];

    /// <summary>The same for a name in other letters: large and small ones are no difference between people.</summary>
    private static string Digest(string person) => Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(person.ToUpperInvariant())).AsSpan(0, Length));
}
