using Tern.Codes;

namespace Tern.Index;

/// <summary>Changes not yet committed, and the steps of committing them. Holds the writer's lock.</summary>
internal sealed class IndexWriter : IDisposable
{
    private const int LongestText = 4096;         // bytes of a key or label
    private const long MostPendingText = 1 << 29; // bytes of keys and labels between two commits

    private readonly IndexFolder folder;
    private readonly FileStream heldLock;
    private readonly Dictionary<string, ulong> idOfKey = [];
    private readonly Dictionary<string, PendingItem?> changes = []; // null: removed
    private ulong nextId;
    private long nextFile;
    private long pendingText;
    private bool needsFlush;

    private sealed record PendingItem(ulong Id, BinaryCode Code, byte[] Key, string? Label);

    public IndexWriter(IndexFolder folder, FileStream heldLock, Snapshot snapshot)
    {
        this.folder = folder;
        this.heldLock = heldLock;
        nextId = snapshot.Manifest.NextId;
        nextFile = snapshot.Manifest.NextFile;
        foreach (LoadedSegment segment in snapshot.Segments)
            foreach (int item in segment.LiveItems())
                if (!idOfKey.TryAdd(segment.Data.Keys[item], segment.Data.Ids[item]))
                    throw new TernException(
                        $"{folder.PathOf(segment.Entry!.File)} holds the key \"{segment.Data.Keys[item]}\" a second time; "
                        + "rebuild the index.");
    }

    public void Add(string key, BinaryCode code, string? label)
    {
        byte[] utf8 = Encode(key, "key");
        pendingText += utf8.Length + (label is null ? 0 : Encode(label, "label").Length);
        if (pendingText > MostPendingText)
            throw new TernException($"{changes.Count} changes are waiting; commit them before adding more.");
        changes[key] = new PendingItem(nextId++, code, utf8, label);
    }

    public bool Remove(string key)
    {
        bool committed = idOfKey.ContainsKey(key);
        bool present = changes.TryGetValue(key, out PendingItem? pending) ? pending is not null : committed;
        if (committed)
            changes[key] = null;
        else
            changes.Remove(key);
        return present;
    }

    /// <summary>Makes what <see cref="Replace"/> did safe from a power loss, then deletes the files that only the commit before
    /// needed.</summary>
    /// <exception cref="TernException">The disk refused; committing again tries once more.</exception>
    public void Flush(Snapshot committed)
    {
        if (!needsFlush)
            return;
        try
        {
            DurableDirectory.Flush(folder.Path);
            folder.DeleteOthers(committed.Manifest); // only now: until here a power loss could bring the old manifest back
            needsFlush = false;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new TernException(
                $"The commit to {folder.Path} is in place, but not yet safe from a power loss: {cause.Message} Commit again.", cause);
        }
    }

    /// <summary>Writes the changes and puts them in the place of the present index; returns it as it is then.</summary>
    /// <exception cref="TernException">The disk refused; the index is as before, and the changes still wait.</exception>
    public Snapshot Replace(Snapshot present)
    {
        if (changes.Count == 0)
            return present;
        ulong[] removed = [.. changes.Keys.Where(idOfKey.ContainsKey).Select(key => idOfKey[key])];
        List<LoadedSegment> segments = [.. present.Segments.Select(segment => segment.Without(removed))];
        SegmentBuilder added = new(present.Manifest.Bits);
        foreach (PendingItem item in changes.Values.OfType<PendingItem>().OrderBy(item => item.Id))
            added.Add(item.Id, item.Code.Words, item.Key, item.Label);
        segments.Add(new LoadedSegment(added.Build(), null, null, 0));
        Snapshot next = Write(present.Manifest, Merging.Apply(segments, present.Manifest.Bits));
        needsFlush = true;
        foreach ((string key, PendingItem? item) in changes)
            if (item is null)
                idOfKey.Remove(key);
            else
                idOfKey[key] = item.Id;
        changes.Clear();
        pendingText = 0;
        return next;
    }

    private Snapshot Write(IndexManifest present, List<LoadedSegment> segments)
    {
        List<string> written = [];
        string NewFile(string kind)
        {
            string name = $"{kind}-{nextFile++:D8}.tern";
            written.Add(folder.PathOf(name));
            return name;
        }
        try
        {
            for (int i = 0; i < segments.Count; i++)
                if (segments[i].Entry is null && NewFile("segment") is string name)
                    segments[i] = segments[i] with
                    {
                        Entry = new FileEntry(name, segments[i].Data.Count, SegmentFile.Write(folder.PathOf(name), segments[i].Data)),
                    };
            ulong[] ids = [.. segments.SelectMany(segment => segment.RemovedIds())];
            FileEntry? removed = null;
            if (ids.Length > 0 && NewFile("removed") is string file)
                removed = new FileEntry(file, ids.Length, RemovedFile.Write(folder.PathOf(file), ids));
            IndexManifest next = (present with
            {
                NextId = nextId, NextFile = nextFile, Segments = [.. segments.Select(segment => segment.Entry!)], Removed = removed,
            }).Signed();
            folder.ReplaceManifest(next);
            return new Snapshot(next, segments);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            foreach (string path in written)
                File.Delete(path);
            throw new TernException(
                $"The commit to {folder.Path} failed: {cause.Message} "
                + $"The index is as before and {changes.Count} changes still wait; make room and commit again.", cause);
        }
    }

    private static byte[] Encode(string text, string what)
    {
        try
        {
            byte[] utf8 = TextColumn.Utf8.GetBytes(text);
            return utf8.Length is > 0 and <= LongestText
                ? utf8
                : throw new TernException($"A {what} takes 1 to {LongestText} bytes of UTF-8; got {utf8.Length}.");
        }
        catch (System.Text.EncoderFallbackException cause)
        {
            throw new TernException($"The {what} \"{text}\" is not valid Unicode.", cause);
        }
    }

    public void Dispose() => heldLock.Dispose();
}
