using System.Security.Cryptography;

namespace Tern.Training.Data;

/// <summary>Which pictures a network has learned from; its weights carry it, so that what starts from them does not judge itself by pictures it knows.</summary>
/// <param name="Data">SHA-256 of all training pictures and labels, those held back included.</param>
/// <param name="Part">SHA-256 of the positions of those that were learned from.</param>
public sealed record LearnedPictures(string Data, string Part)
{
    private const string DataKey = "tern.data", PartKey = "tern.learned";

    /// <summary>These positions of a set of pictures.</summary>
    public static LearnedPictures Of(string data, ReadOnlySpan<int> positions) =>
        new(data, Convert.ToHexStringLower(SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(positions))));

    /// <summary>What a weight file says; null where it does not, as those of other programs do not.</summary>
    public static LearnedPictures? Read(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue(DataKey, out string? data) && metadata.TryGetValue(PartKey, out string? part) ? new LearnedPictures(data, part) : null;

    /// <summary>For a weight file.</summary>
    public IReadOnlyDictionary<string, string> Metadata => new Dictionary<string, string> { [DataKey] = Data, [PartKey] = Part };
}
