using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Tern.Durability;
using Tern.Index;
using Tern.Tests.Durability;
using static Tern.Tests.Index.MadeIndex;

namespace Tern.Tests.Index;

/// <summary>Rubbish under checksums that fit it, as a faulty program may write it: an error or an answer, never a crash, whatever is asked.</summary>
public class IndexSignedDamageTests
{
    private const string Manifest = $"{Folder}/manifest.json";

    [Fact]
    public void Rubbish_under_checksums_that_fit_is_an_error_or_an_answer()
    {
        Random random = new(11);
        MemoryFileSystem sound = Make();
        string whole = Use(sound);
        int errors = 0, otherAnswers = 0;
        for (int trial = 0; trial < 6000; trial++)
        {
            MemoryFileSystem files = new();
            foreach (string path in sound.Paths)
                files[path] = [.. sound[path]];
            string file = files.Paths.Where(path => path != Manifest).ElementAt(random.Next(files.Paths.Count - 1));
            files[file] = Path.GetFileName(file)[..3] switch
            {
                "log" => LogWithRubbish(files[file], random),
                "seg" => SegmentWithRubbish(files[file], random),
                _ => WithRubbish(files[file][..^32], random) is var marks ? [.. marks, .. SHA256.HashData(marks)] : [],
            };
            SignManifest(files, file);
            try
            {
                if (Use(files) != whole)
                    otherAnswers++;
                using HammingIndex index = HammingIndex.Open(Folder, Options(files) with { Writable = true });
                index.Add(Record("item", 1));
                index.Remove("item 4");
                index.Commit();
                index.Compact();
            }
            catch (TernException damaged)
            {
                Assert.DoesNotContain("checksum", damaged.Message);
                Assert.Contains(Folder, damaged.Message); // the file, or the index
                errors++;
            }
            HammingIndex.Verify(Folder, files);
        }
        Assert.True(errors > 500 && otherAnswers > 200, $"{errors} errors and {otherAnswers} other answers; the test did not test much");
    }

    private static byte[] WithRubbish(ReadOnlySpan<byte> sound, Random random)
    {
        byte[] content = sound.ToArray();
        for (int changes = content.Length == 0 ? 0 : random.Next(1, 4); changes > 0; changes--)
        {
            int start = random.Next(content.Length);
            if (random.Next(3) > 0)
                content[start] ^= (byte)(1 << random.Next(8));
            else
                random.NextBytes(content.AsSpan(start, Math.Min(random.Next(1, 20), content.Length - start)));
        }
        return content;
    }

    // In one of its columns; now and then in its header, or in where it says that its columns lie.
    private static byte[] SegmentWithRubbish(byte[] segment, Random random)
    {
        int columns = SegmentFile.Kind.Columns, directory = segment.Length - (columns * ColumnFile.EntryLength) - 32;
        if (random.Next(20) == 0)
            WithRubbish(segment.AsSpan(8, ColumnFile.HeaderLength - 8), random).CopyTo(segment, 8);
        Span<byte> entry = segment.AsSpan(directory + (random.Next(columns) * ColumnFile.EntryLength), ColumnFile.EntryLength);
        Span<byte> column = segment.AsSpan((int)BinaryPrimitives.ReadInt64LittleEndian(entry), (int)BinaryPrimitives.ReadInt64LittleEndian(entry[8..]));
        WithRubbish(column, random).CopyTo(column);
        SHA256.HashData(column, entry[16..]);
        if (random.Next(20) == 0)
            WithRubbish(entry[..16], random).CopyTo(entry);
        byte[] covered = [.. segment[..ColumnFile.HeaderLength], .. segment[directory..^32]];
        return [.. segment[..^32], .. SHA256.HashData(covered)];
    }

    private static byte[] LogWithRubbish(byte[] log, Random random)
    {
        List<ReadOnlyMemory<byte>> payloads = LogPosition.Behind(log).Read(log.AsMemory(LogPosition.HeaderLength));
        LogPosition end = LogPosition.Behind(log);
        List<byte> signed = [.. log[..LogPosition.HeaderLength]];
        foreach (ReadOnlyMemory<byte> payload in payloads)
        {
            byte[] record = end.Record(WithRubbish(payload.ToArray(), random));
            end.PassRecord(record);
            signed.AddRange(record);
            signed.AddRange(end.Seal());
            end.PassSeal();
        }
        return [.. signed];
    }

    private static void SignManifest(MemoryFileSystem files, string file)
    {
        IndexManifest manifest = JsonSerializer.Deserialize(files[Manifest], ManifestJson.Default.IndexManifest)!;
        FileEntry Signed(FileEntry entry) => entry.File == Path.GetFileName(file) ? entry with { Sha256 = Convert.ToHexStringLower(files[file][^32..]) } : entry;
        manifest = manifest with { Segments = [.. manifest.Segments.Select(Signed)], Removed = manifest.Removed is { } removed ? Signed(removed) : null };
        files[Manifest] = System.Text.Encoding.UTF8.GetBytes(manifest.Signed().ToJson());
    }
}
