using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tern.Postgres.Writing;

/// <summary>Which shard a key is on: the first four bytes of its SHA-256 (UTF-8), little-endian, modulo the number of shards.</summary>
internal static class KeyShards
{
    public static int Of(string key, int shards)
    {
        if (shards == 1)
            return 0;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key), hash);
        return (int)(BinaryPrimitives.ReadUInt32LittleEndian(hash) % (uint)shards);
    }
}
