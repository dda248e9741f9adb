using System.Security.Cryptography;

namespace Tern.Training.Data;

/// <summary>Which pictures a network has learned from; its weights carry it, so that what starts from them does not judge itself by pictures it knows.</summary>
/// <param name="Data">SHA-256 of all training pictures and labels, those held back included.</param>
/// <param name="Part">SHA-256 of the positions of those that were learned from.</param>
public sealed record LearnedPictures(string Data, string Part)
{
    private const string DataKey = "tern.data", PartKey = "tern.learned", PeopleKey = "tern.people";
    private const char Separator = '\n';

    /// <summary>Who was learned from, where pairs are reported on: by the names of their folders.</summary>
    public IReadOnlyList<string> People { get; init; } = [];

    /// <summary>Who must not be learned from, being tested or held back; no weight file says so.</summary>
    public IReadOnlyList<string> Apart { get; init; } = [];

    /// <summary>These positions of a set of pictures.</summary>
    public static LearnedPictures Of(string data, ReadOnlySpan<int> positions) =>
        new(data, Convert.ToHexStringLower(SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(positions))));

    /// <summary>What a weight file says; null where it does not, as those of other programs do not.</summary>
    public static LearnedPictures? Read(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue(DataKey, out string? data) && metadata.TryGetValue(PartKey, out string? part)
            ? new LearnedPictures(data, part) { People = metadata.TryGetValue(PeopleKey, out string? people) ? people.Split(Separator) : [] }
            : null;

    /// <summary>For a weight file.</summary>
    public IReadOnlyDictionary<string, string> Metadata
    {
        get
        {
            var metadata = new Dictionary<string, string> { [DataKey] = Data, [PartKey] = Part };
            if (People.Count > 0) metadata[PeopleKey] = string.Join(Separator, People);
            return metadata;
        }
    }
}
