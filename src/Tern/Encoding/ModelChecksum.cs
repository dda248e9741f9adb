using System.Security.Cryptography;
using TextEncoding = System.Text.Encoding;

namespace Tern.Encoding;

/// <summary>
/// The identity a model file carries in itself: metadata entry <c>tern.sha256</c>, the SHA-256 of the whole file as it is with those
/// 64 digits replaced by '0' characters.
/// </summary>
internal static class ModelChecksum
{
    public const string Key = "tern.sha256";

    /// <summary>What a writer puts under <see cref="Key"/> before it calls <see cref="Seal"/>.</summary>
    public const string Placeholder = "0000000000000000000000000000000000000000000000000000000000000000";

    /// <summary>The SHA-256 of the bytes as they are.</summary>
    public static string Plain(ReadOnlySpan<byte> file) => Convert.ToHexStringLower(SHA256.HashData(file));

    /// <summary>
    /// The checksum of a file that states <paramref name="digits"/>, or null when those are not 64 hexadecimal digits in it.
    /// </summary>
    public static string? Compute(ReadOnlySpan<byte> file, string digits)
    {
        int position = Find(file, digits);
        if (position < 0)
            return null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(file[..position]);
        hash.AppendData(TextEncoding.ASCII.GetBytes(Placeholder));
        hash.AppendData(file[(position + Placeholder.Length)..]);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Puts the checksum where a serialised model holds the placeholder, and returns it.</summary>
    public static string Seal(Span<byte> file)
    {
        string checksum = Plain(file);
        TextEncoding.ASCII.GetBytes(checksum, file[Find(file, Placeholder)..]);
        return checksum;
    }

    // In a protobuf map entry the value follows its key: tag 0x12 (field 2, length-delimited), length 64, the digits.
    private static int Find(ReadOnlySpan<byte> file, string digits)
    {
        if (digits.Length != Placeholder.Length || !digits.All(char.IsAsciiHexDigitLower))
            return -1;
        byte[] entry = TextEncoding.ASCII.GetBytes($"{Key}\u0012@{digits}");
        int found = file.LastIndexOf(entry);
        return found < 0 ? -1 : found + entry.Length - digits.Length;
    }
}
