using Tern.Durability;

namespace Tern.Tests.Durability;

public class LogTests
{
    private const string Path = "/folder/log";

    private static readonly string Before = new('0', 64);

    private static byte[] Make(MemoryFileSystem files, params byte[][] payloads)
    {
        (Log log, _) = Log.Create(files, Path, Before);
        foreach (byte[] payload in payloads)
            log.Append(payload);
        log.Dispose();
        return files[Path];
    }

    // The payloads in hexadecimal digits.
    private static string[] Read(byte[] log) => Read(log, out _);

    private static string[] Read(byte[] log, out LogPosition end)
    {
        end = LogPosition.Behind(log);
        return Hex(end.Read(log.AsMemory(LogPosition.HeaderLength)));
    }

    private static string[] Hex(List<ReadOnlyMemory<byte>> records) => [.. records.Select(record => Convert.ToHexString(record.Span))];

    [Fact]
    public void Records_come_back_in_their_order()
    {
        byte[] large = new byte[100_000];
        new Random(1).NextBytes(large);
        string[] records = Read(Make(new MemoryFileSystem(), [1, 2, 3], [], large), out LogPosition end);
        Assert.Equal(new[] { "010203", "", Convert.ToHexString(large) }, records);
        Assert.Equal((80L + 3 * (8 + 32 + 16) + 100_003, false), (end.Offset, end.SealDue));
    }

    [Fact]
    public void A_reader_goes_on_where_it_stopped()
    {
        MemoryFileSystem files = new();
        (Log log, LogEntry entry) = Log.Create(files, Path, Before);
        LogPosition position = LogPosition.Behind(files[Path]);
        Assert.Equal(entry.Sha256, position.Identity);
        for (byte i = 0; i < 5; i++)
        {
            log.Append([i]);
            Assert.Equal($"0{i}", Assert.Single(Hex(position.Read(files.Read(Path, position.Offset)))));
            Assert.Empty(position.Read(files.Read(Path, position.Offset)));
        }
    }

    [Fact]
    public void An_interrupted_append_is_left_out_and_cut_off_by_the_next_writer()
    {
        byte[] whole = Make(new MemoryFileSystem(), [1], [2, 2], [3, 3, 3]);
        int[] ends = [80, 80 + 57, 80 + 57 + 58, 80 + 57 + 58 + 59]; // header, then records of 1, 2 and 3 bytes with 56 around them
        for (int length = 80; length <= whole.Length; length++)
        {
            int records = Enumerable.Range(0, 4).Count(i => i > 0 && ends[i] - 16 <= length); // the seal may be missing
            MemoryFileSystem files = new();
            files[Path] = whole[..length];
            Assert.Equal(records, Read(files[Path], out LogPosition end).Length);
            Log log = Log.Reopen(files, Path, end);
            log.Append([9]);
            string[] after = Read(files[Path]);
            Assert.Equal((records + 1, "09"), (after.Length, after[^1]));
        }
    }

    [Fact]
    public void What_was_not_written_may_read_as_zeros()
    {
        byte[] whole = Make(new MemoryFileSystem(), [1], [2, 2]);
        for (int from = 80 + 57; from < whole.Length; from++) // behind the first seal
        {
            byte[] zeros = [.. whole[..from], .. new byte[whole.Length - from]];
            bool isChanged = whole.AsSpan(from, Math.Max(0, whole.Length - 16 - from)).ContainsAnyExcept((byte)0); // in the second record
            Assert.Equal(isChanged ? 1 : 2, Read(zeros).Length);
        }
    }

    [Fact]
    public void Every_flipped_bit_of_what_was_acknowledged_is_noticed()
    {
        byte[] whole = Make(new MemoryFileSystem(), [1], [2, 2], [3, 3, 3]);
        for (int bit = 0; bit < 8 * whole.Length; bit++)
        {
            byte[] damaged = [.. whole];
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Throws<TernException>(() => Read(damaged));
        }
    }

    [Fact]
    public void Damage_before_an_interrupted_append_is_noticed_too()
    {
        byte[] whole = Make(new MemoryFileSystem(), [1], [2, 2], [3, 3, 3]);
        byte[] interrupted = whole[..^20];
        Assert.Equal(2, Read(interrupted).Length);
        for (int bit = 8 * 80; bit < 8 * (80 + 57 + 58); bit++)
        {
            byte[] damaged = [.. interrupted];
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Throws<TernException>(() => Read(damaged));
        }
    }

    [Fact]
    public void A_record_of_another_log_is_not_taken_for_one_of_this()
    {
        byte[] one = Make(new MemoryFileSystem(), [1]);
        MemoryFileSystem files = new();
        (Log log, _) = Log.Create(files, Path, new string('1', 64));
        log.Append([2]);
        byte[] both = [.. one, .. files[Path][80..]]; // as where a new file gets the blocks of an old one
        Assert.Equal("01", Assert.Single(Read(both)));
    }

    [Fact]
    public void Rubbish_is_an_error_or_an_empty_log_and_never_a_crash()
    {
        Random random = new(3);
        byte[] whole = Make(new MemoryFileSystem(), [1], [2, 2], [3, 3, 3]);
        for (int trial = 0; trial < 20_000; trial++)
        {
            byte[] rubbish = [.. whole];
            for (int changes = random.Next(1, 6); changes > 0; changes--)
            {
                int start = random.Next(rubbish.Length), length = random.Next(1, 20);
                random.NextBytes(rubbish.AsSpan(start, Math.Min(length, rubbish.Length - start)));
            }
            try
            {
                string[] found = Read(rubbish);
                Assert.Equal(new[] { "01", "0202", "030303" }.Take(found.Length), found);
            }
            catch (TernException)
            {
                // noticed
            }
        }
    }

    [Theory]
    [InlineData((int)Failure.Once)]
    [InlineData((int)Failure.ShortWrite)]
    [InlineData((int)Failure.FullDisk)]
    public void An_append_that_fails_breaks_the_log_but_not_what_it_holds(int kind)
    {
        for (int step = 1; step <= 2; step++) // the record, its flush
        {
            MemoryFileSystem files = new();
            (Log log, _) = Log.Create(files, Path, Before);
            log.Append([1]);
            if ((Failure)kind == Failure.FullDisk && step == 2)
                continue; // a flush needs no room
            files.Fault = (files.Steps + step, (Failure)kind);
            Assert.Throws<IOException>(() => log.Append([2]));
            Assert.True(log.Broken);
            Assert.Equal("01", Assert.Single(Read(files[Path])));
        }
    }

    [Theory]
    [InlineData((int)Failure.Once)]
    [InlineData((int)Failure.ShortWrite)]
    [InlineData((int)Failure.FullDisk)]
    public void A_seal_that_fails_when_a_log_is_reopened_comes_with_the_next_record(int kind)
    {
        MemoryFileSystem files = new();
        files[Path] = Make(new MemoryFileSystem(), [1])[..^16];
        Read(files[Path], out LogPosition end);
        files.Fault = (files.Steps + 3, (Failure)kind); // cut off, flush, seal
        using Log log = Log.Reopen(files, Path, end);
        Assert.False(log.Broken);
        Assert.True(end.SealDue);
        files.Fault = null;
        log.Append([2]);
        Assert.Equal(new[] { "01", "02" }, Read(files[Path]));
    }

    [Fact]
    public void A_seal_that_fails_comes_with_the_next_record()
    {
        MemoryFileSystem files = new();
        (Log log, _) = Log.Create(files, Path, Before);
        files.Fault = (files.Steps + 3, Failure.ShortWrite); // record, flush, seal
        log.Append([1]);
        Assert.False(log.Broken);
        Assert.Equal("01", Assert.Single(Read(files[Path], out LogPosition end)));
        Assert.True(end.SealDue);
        log.Append([2]);
        Assert.Equal(new[] { "01", "02" }, Read(files[Path], out end));
        Assert.False(end.SealDue);
    }
}
