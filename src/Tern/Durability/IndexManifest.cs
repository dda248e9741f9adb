using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Tern.Codes;
using Tern.Search;

namespace Tern.Durability;

/// <summary>A file the manifest names: how many items it holds, its length and its checksum.</summary>
internal sealed record FileEntry(string File, long Count, long Bytes, string Sha256);

/// <summary>The log the manifest names, and the checksum of its header.</summary>
internal sealed record LogEntry(string File, string Sha256);

/// <summary>What an index consists of at one moment. Replacing this file is a commit, and so is appending to the log that it names.</summary>
internal sealed record IndexManifest(
    string Format, int Version, int Bits, string Model, DescriptorShape? Descriptor, ulong NextId, long NextFile,
    IReadOnlyList<FileEntry> Segments, FileEntry? Removed, LogEntry Log, string Sha256)
{
    public const string FormatName = "tern-index";
    public const int NewestVersion = 3;

    private const string Advice = "restore it from a copy, or rebuild the index";

    public static readonly string Unsigned = new('0', 64);

    /// <summary>The names of its files.</summary>
    [JsonIgnore]
    public IEnumerable<string> Files => Entries.Select(entry => entry.File).Append(Log.File);

    private IEnumerable<FileEntry> Entries => Removed is null ? Segments : Segments.Append(Removed);

    /// <summary>With <see cref="Sha256"/> as it must be: the checksum of the file with those 64 digits replaced by '0'.</summary>
    public IndexManifest Signed() => this with { Sha256 = Digest((this with { Sha256 = Unsigned }).ToJson()) };

    public string ToJson() => JsonSerializer.Serialize(this, ManifestJson.Default.IndexManifest);

    /// <summary>Reads and checks a manifest.</summary>
    /// <exception cref="TernException">It is damaged, foreign, older or newer; the message does not name the file.</exception>
    public static IndexManifest Parse(byte[] utf8)
    {
        try
        {
            if (!Utf8.IsValid(utf8))
                throw Damaged("it is not text");
            RequireKnownVersion(utf8);
            IndexManifest manifest = JsonSerializer.Deserialize(utf8, ManifestJson.Default.IndexManifest)
                ?? throw Damaged("it is empty");
            if (manifest.Sha256 != Digest(System.Text.Encoding.UTF8.GetString(utf8).Replace($"\"{manifest.Sha256}\"\n}}", $"\"{Unsigned}\"\n}}")))
                throw Damaged("its content does not fit its checksum");
            manifest.RequireSound();
            return manifest;
        }
        catch (JsonException cause)
        {
            throw new TernException($"it is not JSON as expected: {cause.Message}; {Advice}", cause);
        }
    }

    private static void RequireKnownVersion(byte[] utf8)
    {
        using JsonDocument json = JsonDocument.Parse(utf8);
        if (json.RootElement.ValueKind != JsonValueKind.Object
            || !json.RootElement.TryGetProperty("format", out JsonElement format) || format.ValueKind != JsonValueKind.String || !format.ValueEquals(FormatName)
            || !json.RootElement.TryGetProperty("version", out JsonElement value) || value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int version)
            || version < 1)
            throw new TernException("it is not the manifest of a Tern index; give the folder of one, or restore it from a copy");
        if (version > NewestVersion)
            throw new TernException($"it has format version {version}, and this program knows {NewestVersion}; update Tern");
        if (version < NewestVersion)
            throw new TernException($"it has format version {version} of an earlier Tern, and this program knows {NewestVersion}; make the index again from its pictures and the"
                + " model.onnx in it: tern index build, or tern run where it belongs to a run");
    }

    private void RequireSound()
    {
        BinaryCode.RequireBits(Bits);
        Descriptor?.Require();
        if (Entries.FirstOrDefault(entry => entry.Count < 0 || entry.Bytes < 0) is { } impossible)
            throw Damaged($"it says something impossible of \"{impossible.File}\"");
        if (Files.FirstOrDefault(file => file.Length == 0 || file != Path.GetFileName(file)) is { } name)
            throw Damaged($"it names an impossible file \"{name}\"");
    }

    private static TernException Damaged(string why) => new($"{why}; {Advice}");

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n",
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(IndexManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
