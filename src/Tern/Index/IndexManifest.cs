using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tern.Index;

/// <summary>A file the manifest names: how many items or ids it holds, and its checksum.</summary>
internal sealed record FileEntry(string File, int Count, string Sha256);

/// <summary>What an index consists of at one moment. Replacing this file is what a commit is.</summary>
internal sealed record IndexManifest(
    string Format, int Version, int Bits, string Model, ulong NextId, long NextFile,
    IReadOnlyList<FileEntry> Segments, FileEntry? Removed, string Sha256)
{
    public const string FormatName = "tern-index";
    public const int NewestVersion = 1;

    private static readonly string Unsigned = new('0', 64);

    public static IndexManifest Empty(int bits, string model) =>
        new IndexManifest(FormatName, NewestVersion, bits, model, 0, 1, [], null, Unsigned).Signed();

    /// <summary>With <see cref="Sha256"/> as it must be: the checksum of the file with those 64 digits replaced by '0'.</summary>
    public IndexManifest Signed() => this with { Sha256 = Digest((this with { Sha256 = Unsigned }).ToJson()) };

    public string ToJson() => JsonSerializer.Serialize(this, IndexJson.Default.IndexManifest);

    /// <summary>Reads and checks a manifest.</summary>
    /// <exception cref="TernException">It is damaged, foreign or newer; the message does not name the file.</exception>
    public static IndexManifest Parse(byte[] utf8)
    {
        try
        {
            RequireKnownVersion(utf8);
            IndexManifest manifest = JsonSerializer.Deserialize(utf8, IndexJson.Default.IndexManifest)
                ?? throw new TernException("it is empty");
            if (manifest.Sha256 != Digest(System.Text.Encoding.UTF8.GetString(utf8).Replace($"\"{manifest.Sha256}\"\n}}", $"\"{Unsigned}\"\n}}")))
                throw new TernException("its content does not fit its checksum");
            manifest.RequireSound();
            return manifest;
        }
        catch (JsonException cause)
        {
            throw new TernException($"it is not JSON as expected: {cause.Message}", cause);
        }
    }

    private static void RequireKnownVersion(byte[] utf8)
    {
        using JsonDocument json = JsonDocument.Parse(utf8);
        if (json.RootElement.ValueKind != JsonValueKind.Object
            || !json.RootElement.TryGetProperty("format", out JsonElement format) || !format.ValueEquals(FormatName)
            || !json.RootElement.TryGetProperty("version", out JsonElement value) || !value.TryGetInt32(out int version))
            throw new TernException("it is not the manifest of a Tern index");
        if (version is < 1 or > NewestVersion)
            throw new TernException($"it has format version {version}, and this program knows up to {NewestVersion}; update Tern");
    }

    private void RequireSound()
    {
        foreach (FileEntry entry in Removed is null ? Segments : [.. Segments, Removed])
            if (entry.Count < 0 || entry.File.Length == 0 || entry.File != Path.GetFileName(entry.File))
                throw new TernException($"it names an impossible file \"{entry.File}\"");
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n",
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(IndexManifest))]
internal sealed partial class IndexJson : JsonSerializerContext;
