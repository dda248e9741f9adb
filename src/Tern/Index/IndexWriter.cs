using Tern.Durability;
using Tern.Search;

namespace Tern.Index;

/// <summary>
/// Changes not yet committed, and the steps of committing them. Holds the writer's lock. A small commit is a record of the log. One that would make the log too long becomes a
/// segment, together with what the log holds, under a new manifest that names a new log. A merge puts one segment in the place of several, likewise.
/// </summary>
internal sealed partial class IndexWriter : IDisposable
{
    private readonly IndexFolder folder;
    private readonly IDisposable heldLock;
    private readonly IndexLimits limits;
    private readonly IndexShape shape;
    private readonly PendingChanges pending;
    private readonly List<string> obsolete = []; // files that no manifest names any more, once the present one is safe
    private RecentItems recent;
    private Log log;
    private ulong nextId;
    private long nextFile;
    private bool needsFlush;
    private bool unsure; // which manifest is in place: files that one of them names stay, and the next commit brings another

    /// <summary>Goes on where the last writer stopped, and clears away what it has left half done.</summary>
    public IndexWriter(IndexFolder folder, IDisposable heldLock, IndexLimits limits, Snapshot snapshot, RecentItems recent)
    {
        (this.folder, this.heldLock, this.limits, this.recent) = (folder, heldLock, limits, recent);
        shape = snapshot.Shape;
        pending = new PendingChanges(shape);
        (nextId, nextFile) = (recent.NextId, snapshot.Manifest.NextFile);
        folder.Flush(); // the last writer may have been killed between its renaming and its flush
        folder.DeleteOthers(snapshot.Manifest);
        log = Log.Reopen(folder.Files, folder.PathOf(snapshot.Manifest.Log.File), recent.Position);
    }

    /// <summary>Makes an empty index, with a file beside it if there is to be one: the index is there only once that is.</summary>
    public static void Create(IndexFolder folder, int bits, string model, DescriptorShape? descriptor, CompanionFile? companion)
    {
        IndexManifest none = new(IndexManifest.FormatName, IndexManifest.NewestVersion, bits, model, descriptor, 0, 2, [], null, new LogEntry("", ""), IndexManifest.Unsigned);
        (Log first, LogEntry entry) = Log.Create(folder.Files, folder.PathOf(IndexFolder.FirstLog), none.Sha256);
        first.Dispose();
        if (companion is not null)
        {
            folder.Flush(); // the log's name first: a companion without one is somebody else's
            folder.Write(companion);
        }
        folder.ReplaceManifest((none with { Log = entry }).Signed());
        folder.Flush();
    }

    /// <summary>How many changes wait.</summary>
    public int Waiting => pending.Count;

    /// <summary>Makes room for so many more items.</summary>
    public void Expect(int more) => pending.Expect(more);

    /// <summary>Adds an item under the next id.</summary>
    public void Put(ItemRow item)
    {
        pending.Put(item with { Id = nextId });
        nextId++;
    }

    public bool Remove(Snapshot committed, ReadOnlySpan<byte> key) => pending.Remove(committed, key);

    /// <summary>Commits what waits, and returns the index as it is then.</summary>
    /// <param name="present">The index as it is.</param>
    /// <param name="intoSegment">Leave nothing in the log, even if little waits.</param>
    /// <exception cref="TernException">The disk refused; the index is as before, and the changes still wait.</exception>
    public Snapshot Commit(Snapshot present, bool intoSegment = false)
    {
        try
        {
            FlushNames(); // nothing is acknowledged on top of a manifest that a power loss could take back
            pending.ReplaceIn(present);
            if (pending.Count == 0 && !(intoSegment && log.Length > LogPosition.HeaderLength))
            {
                pending.Clear(); // of what was added and removed again
                return present;
            }
            return intoSegment || unsure || log.Broken || log.Length + pending.Bytes > limits.LogBytes || recent.Added.Count + pending.Count > limits.RecentItems
                ? WriteSegment(present) : Append(present);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new TernException(
                $"The commit to {folder.Path} failed: {cause.Message.TrimEnd('.')}. The index is as before and {pending.Count} changes still wait: make room, then do the same again.", cause);
        }
    }

    /// <summary>Makes a new manifest safe from a power loss, then deletes the files that only the one before needed.</summary>
    /// <exception cref="TernException">The disk refused; committing again tries once more.</exception>
    public void Flush()
    {
        try
        {
            FlushNames();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"The commit to {folder.Path} is in place, but not yet safe from a power loss: {cause.Message} Commit again.", cause);
        }
        obsolete.RemoveAll(folder.TryDelete); // what a system keeps that is still open elsewhere goes later
    }

    /// <summary>Forgets what waits.</summary>
    public void Forget() => pending.Clear();

    public void Dispose()
    {
        log.Dispose();
        heldLock.Dispose();
    }

    private static string NameOf(string kind, long number) => $"{kind}-{number:D8}.tern";

    private Segment Open(FileEntry entry)
    {
        (ulong Next, ulong End) any = (0, ulong.MaxValue);
        return SegmentFile.Open(folder, shape, entry, ref any);
    }

    private void FlushNames()
    {
        if (needsFlush)
            folder.Flush();
        needsFlush = false;
    }

    private Snapshot Append(Snapshot present)
    {
        LoadedSegment added = pending.Added();
        log.Append(ChangeRecord.Encode(pending.Removed, added));
        foreach (int item in added.LiveItems())
            recent.Added.Add(added.Data.RowOf(item));
        Snapshot next = present.Next(pending.Removed, recent.Added);
        pending.Clear();
        return next;
    }

    private Snapshot WriteSegment(Snapshot present)
    {
        List<LoadedSegment> segments = [.. present.Files.Select(segment => segment.Without(pending.Removed)).Where(segment => segment.Live > 0)];
        LoadedSegment?[] added = [present.Recent?.Without(pending.Removed), pending.Added()];
        LoadedSegment[] sources = [.. added.OfType<LoadedSegment>().Where(segment => segment.Live > 0)];
        List<string> written = [];
        Segment? opened = null;
        Log? begun = null;
        IndexManifest manifest;
        try
        {
            if (sources.Length > 0)
            {
                written.Add(NameOf("segment", nextFile++));
                FileEntry entry = SegmentWriter.Write(folder, written[^1], shape, sources, CancellationToken.None);
                opened = Open(entry);
                segments.Add(new LoadedSegment(opened, entry));
            }
            written.Add(NameOf("log", nextFile++));
            (begun, LogEntry logEntry) = Log.Create(folder.Files, folder.PathOf(written[^1]), present.Manifest.Sha256);
            manifest = Replace(present.Manifest, segments, nextId, logEntry);
        }
        catch
        {
            begun?.Dispose();
            opened?.Discard();
            written.ForEach(TryDelete);
            throw;
        }
        log.Dispose();
        (log, recent) = (begun, RecentItems.None(folder, manifest, shape));
        pending.Clear();
        return new Snapshot(manifest, segments);
    }

    // Once this has returned, the new manifest is in place and nothing that it names may be deleted.
    private IndexManifest Replace(IndexManifest present, IReadOnlyList<LoadedSegment> segments, ulong firstRecent, LogEntry logEntry)
    {
        string name = NameOf("removed", nextFile++);
        try
        {
            FileEntry? removed = segments.Any(segment => segment.RemovedCount > 0) ? RemovedFile.Write(folder, name, segments) : null;
            IndexManifest manifest = (present with
            {
                NextId = firstRecent, NextFile = nextFile, Segments = [.. segments.Select(segment => segment.Entry!)], Removed = removed, Log = logEntry,
            }).Signed();
            folder.ReplaceManifest(manifest);
            (needsFlush, unsure) = (true, false);
            obsolete.AddRange(present.Files.Except(manifest.Files));
            return manifest;
        }
        catch
        {
            unsure |= !folder.Holds(present);
            TryDelete(name);
            throw;
        }
    }

    // What is left is cleared away by the next writer.
    private void TryDelete(string file)
    {
        if (!unsure)
            folder.TryDelete(file);
    }
}
