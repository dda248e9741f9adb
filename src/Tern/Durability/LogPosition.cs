using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tern.Durability;

/// <summary>
/// How far a log has been read or written. Described byte by byte in <c>docs/formats.md</c>: a header, then records, each with a digest over all before it, and behind each
/// record that has safely reached the disk a seal.
/// </summary>
/// <remarks>
/// The seal tells damage from an interrupted commit. A record that does not fit its digest was never acknowledged if no seal follows anywhere: it is left out. Otherwise it
/// was, and the log is damaged. A seal is not flushed, so at worst the last one is missing or partly zero.
/// </remarks>
internal sealed class LogPosition
{
    public const int HeaderLength = 80;

    private const int SealLength = 16, Around = 8 + SHA256.HashSizeInBytes; // bytes of a record around its payload
    private const uint Version = 2;

    private readonly byte[] identity; // digest of the header
    private byte[] chain;             // digest of the last record, or of the header

    private LogPosition(byte[] identity)
    {
        this.identity = chain = identity;
        Offset = HeaderLength;
    }

    private static ReadOnlySpan<byte> Magic => "TERNLOG2"u8;

    private static ReadOnlySpan<byte> SealMagic => "TERNSEAL"u8;

    /// <summary>By what the manifest knows this log.</summary>
    public string Identity => Convert.ToHexStringLower(identity);

    /// <summary>Where the next record or seal begins.</summary>
    public long Offset { get; private set; }

    /// <summary>Whether the last record has no seal yet.</summary>
    public bool SealDue { get; private set; }

    /// <summary>The header of a new log, and the position behind it.</summary>
    /// <param name="manifestBefore">The digest of the manifest that a new one, with this log, takes the place of: no two logs begin alike.</param>
    public static (byte[] Header, LogPosition Start) New(string manifestBefore)
    {
        byte[] header = new byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        Convert.FromHexString(manifestBefore).CopyTo(header, 16);
        SHA256.HashData(header.AsSpan(0, 48), header.AsSpan(48));
        return (header, new LogPosition(header[48..]));
    }

    /// <summary>The position behind the header of a log.</summary>
    /// <exception cref="TernException">It is damaged; the message does not name the file.</exception>
    public static LogPosition Behind(ReadOnlySpan<byte> log)
    {
        if (log.Length < HeaderLength)
            throw new TernException("it ends too early");
        if (!SHA256.HashData(log[..48]).AsSpan().SequenceEqual(log[48..HeaderLength]))
            throw new TernException("its header does not fit its checksum");
        if (!log.StartsWith(Magic) || BinaryPrimitives.ReadUInt32LittleEndian(log[8..]) != Version)
            throw new TernException("it does not begin as a log does");
        return new LogPosition(log[48..HeaderLength].ToArray());
    }

    /// <summary>The payloads of the records from here on; moves behind the last one that is whole.</summary>
    /// <param name="log">What the log holds from <see cref="Offset"/> on.</param>
    /// <exception cref="TernException">It is damaged; nothing has moved, and the message does not name the file.</exception>
    public List<ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> log)
    {
        List<ReadOnlyMemory<byte>> records = [];
        LogPosition at = new(identity) { chain = chain, Offset = Offset, SealDue = SealDue };
        for (int read = 0, length; (length = at.Next(log.Span[read..])) > 0; read += length)
            if (at.SealDue)
                records.Add(log.Slice(read + 8, length - Around));
        (chain, Offset, SealDue) = (at.chain, at.Offset, at.SealDue);
        return records;
    }

    /// <summary>A record as it is appended here.</summary>
    public byte[] Record(ReadOnlySpan<byte> payload)
    {
        byte[] record = new byte[payload.Length + Around];
        BinaryPrimitives.WriteInt64LittleEndian(record, payload.Length);
        payload.CopyTo(record.AsSpan(8));
        Digest(record.AsSpan(0, payload.Length + 8)).CopyTo(record, payload.Length + 8);
        return record;
    }

    /// <summary>The seal as it is appended here. Its place is part of it, and no byte of it has fewer than two bits set: no flipped bit makes a byte zero.</summary>
    public byte[] Seal() => SealAt(Offset);

    /// <summary>Moves behind a record of which all is on the disk.</summary>
    public void PassRecord(ReadOnlySpan<byte> record)
    {
        chain = record[^SHA256.HashSizeInBytes..].ToArray();
        Offset += record.Length;
        SealDue = true;
    }

    /// <summary>Moves behind a seal.</summary>
    public void PassSeal()
    {
        Offset += SealLength;
        SealDue = false;
    }

    // Moves behind what comes next, and says how long it was; 0 at the end.
    private int Next(ReadOnlySpan<byte> rest)
    {
        if (SealDue)
        {
            byte[] seal = Seal();
            if (rest.StartsWith(seal))
            {
                PassSeal();
                return SealLength;
            }
            if (!IsInterrupted(rest, seal) || IsSealed(rest))
                throw new TernException($"what follows the record before byte {Offset} is not its seal");
            return 0;
        }
        if (!TryReadRecord(rest, out int length))
            return !IsSealed(rest) ? 0 : throw new TernException($"the record at byte {Offset} does not fit its checksum");
        PassRecord(rest[..length]);
        return length;
    }

    private bool TryReadRecord(ReadOnlySpan<byte> rest, out int length)
    {
        length = 0;
        long payload = rest.Length < Around ? -1 : BinaryPrimitives.ReadInt64LittleEndian(rest);
        if (payload < 0 || payload > rest.Length - Around)
            return false;
        length = (int)payload + Around;
        int digest = length - SHA256.HashSizeInBytes;
        return Digest(rest[..digest]).AsSpan().SequenceEqual(rest[digest..length]);
    }

    // A write that was interrupted leaves the file short, or zeros in the place of what was not written.
    private static bool IsInterrupted(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> seal)
    {
        for (int i = 0; i < Math.Min(rest.Length, seal.Length); i++)
            if (rest[i] != seal[i] && rest[i] != 0)
                return false;
        return true;
    }

    // Whether there is a seal anywhere in what is left.
    private bool IsSealed(ReadOnlySpan<byte> rest)
    {
        for (int at = 0, found; (found = rest[at..].IndexOf(SealMagic)) >= 0; at += found + 1)
            if (rest[(at + found)..].StartsWith(SealAt(Offset + at + found)))
                return true;
        return false;
    }

    private byte[] SealAt(long offset)
    {
        byte[] place = [.. identity, .. BitConverter.GetBytes(offset)], seal = [.. SealMagic, .. SHA256.HashData(place).AsSpan(0, 8)];
        for (int i = SealMagic.Length; i < SealLength; i++)
            seal[i] |= 0x11;
        return seal;
    }

    private byte[] Digest(ReadOnlySpan<byte> record)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(chain);
        hash.AppendData(record);
        return hash.GetHashAndReset();
    }
}
