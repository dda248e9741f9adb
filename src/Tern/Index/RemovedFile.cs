namespace Tern.Index;

/// <summary>The ids of removed items whose segments still hold them, TERNDEL1; described byte by byte in <c>docs/formats.md</c>.</summary>
internal static class RemovedFile
{
    private const uint Version = 1;

    private static ReadOnlySpan<byte> Magic => "TERNDEL1"u8;

    /// <summary>Writes ids durably; returns the file's SHA-256.</summary>
    public static string Write(string path, ulong[] ids) => CheckedWriter.Write(path, file =>
    {
        file.Bytes(Magic);
        file.UInt32(Version);
        file.UInt32(0);
        file.UInt64((ulong)ids.Length);
        file.Values(ids);
    });

    /// <summary>Reads the ids back.</summary>
    public static ulong[] Read(string path, FileEntry entry) => CheckedReader.Read(path, entry.Sha256, file =>
    {
        file.RequireMagic(Magic, Version);
        file.UInt32();
        ulong count = file.UInt64();
        if (count != (ulong)entry.Count)
            throw new TernException($"it holds {count} ids, the manifest says {entry.Count}");
        return file.UInt64s(entry.Count);
    });
}
