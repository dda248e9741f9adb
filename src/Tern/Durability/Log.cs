namespace Tern.Durability;

/// <summary>A log as its writer has it: what is appended is on the disk when the call returns.</summary>
internal sealed class Log : IDisposable
{
    private readonly IWritableFile file;
    private readonly LogPosition end;

    private Log(IWritableFile file, LogPosition end) => (this.file, this.end) = (file, end);

    /// <summary>Bytes in it.</summary>
    public long Length => end.Offset;

    /// <summary>Whether the disk has refused something, so that nobody knows what the file's end looks like. Nothing must be appended to it any more.</summary>
    public bool Broken { get; private set; }

    /// <summary>Begins a log. Its name is not safe before its folder is flushed.</summary>
    public static (Log Log, LogEntry Entry) Create(IFileSystem files, string path, string manifestBefore)
    {
        (byte[] header, LogPosition start) = LogPosition.New(manifestBefore);
        IWritableFile file = files.Create(path);
        try
        {
            file.Append(header);
            file.Flush();
        }
        catch
        {
            file.Dispose();
            throw;
        }
        return (new Log(file, start), new LogEntry(Path.GetFileName(path), start.Identity));
    }

    /// <summary>Goes on with a log that has been read to its end: cuts off what an interrupted commit has left there.</summary>
    public static Log Reopen(IFileSystem files, string path, LogPosition end)
    {
        IWritableFile file = files.Open(path);
        try
        {
            Log log = new(file, end);
            if (file.Length != end.Offset || end.SealDue)
            {
                file.Truncate(end.Offset);
                file.Flush(); // a seal means that its record is on the disk
                if (end.SealDue)
                    log.TryAppendSeal();
            }
            return log;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Appends a record.</summary>
    /// <exception cref="IOException">The disk refused. Whether the record comes back after a crash, nobody knows; the log is <see cref="Broken"/>.</exception>
    public void Append(ReadOnlySpan<byte> payload)
    {
        byte[] record;
        try
        {
            if (end.SealDue)
                AppendSeal();
            record = end.Record(payload);
            file.Append(record);
            file.Flush();
        }
        catch
        {
            CutOff();
            Broken = true;
            throw;
        }
        end.PassRecord(record);
        TryAppendSeal();
    }

    public void Dispose() => file.Dispose();

    private void AppendSeal()
    {
        file.Append(end.Seal());
        end.PassSeal();
    }

    // The record before it is safe without it, and the next one brings it along.
    private void TryAppendSeal()
    {
        try
        {
            AppendSeal();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            CutOff();
        }
    }

    // Takes back what was not written to its end.
    private void CutOff()
    {
        try
        {
            file.Truncate(end.Offset);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Broken = true;
        }
    }
}
