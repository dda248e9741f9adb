using System.Runtime.CompilerServices;
using Tern.Durability;

namespace Tern.Tests.Durability;

/// <summary>
/// Files in memory that behave as badly as a disk may: a step can fail, and what was not flushed may be lost with the power, whole or sector by sector, names apart from
/// contents. What was mapped and is freed turns into rubbish.
/// </summary>
internal sealed class MemoryFileSystem : IFileSystem
{
    private const int Sector = 512;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Node> names = [];
    private readonly Dictionary<string, Node> safeNames = [];                       // as they were flushed last
    private readonly List<(string Folder, Action<Dictionary<string, Node>> Make)> unsafeChanges = []; // to names, since then
    private readonly HashSet<string> held = [];
    private bool lost;

    private sealed class Node
    {
        public byte[] Content = [];
        public byte[] Safe = []; // as it was flushed last
    }

    /// <summary>Steps so far that change something.</summary>
    public int Steps { get; private set; }

    /// <summary>What goes wrong, and at which step; null: nothing.</summary>
    public (int Step, Failure Kind)? Fault { get; set; }

    /// <summary>The files by path.</summary>
    public IReadOnlyList<string> Paths => [.. names.Keys.Order(StringComparer.Ordinal)];

    /// <summary>What a file holds; setting it changes it behind everybody's back.</summary>
    public byte[] this[string path]
    {
        get => names[path].Content;
        set => names[path] = new Node { Content = value, Safe = value };
    }

    /// <summary>The process is gone, and with it its locks; what it wrote is not.</summary>
    public void Kill()
    {
        (lost, Fault) = (false, null);
        held.Clear();
    }

    /// <summary>What is on the disk when the power comes back.</summary>
    public MemoryFileSystem AfterPowerLoss(Random random)
    {
        Dictionary<string, Node> found = new(safeNames);
        foreach ((_, Action<Dictionary<string, Node>> change) in unsafeChanges)
            if (random.Next(2) == 0)
                change(found);
        MemoryFileSystem after = new();
        foreach ((string path, Node node) in found)
            after[path] = Survived(node, random);
        foreach ((string path, Node node) in after.names)
            after.safeNames[path] = node;
        return after;
    }

    public void CreateFolder(string folder)
    {
    }

    public IReadOnlyList<string> List(string folder)
    {
        lock (gate)
            return [.. names.Keys.Where(path => Path.GetDirectoryName(path) == folder).Select(path => Path.GetFileName(path)!)];
    }

    public IWritableFile Create(string path)
    {
        lock (gate)
        {
            Node node = new();
            Step(() => Change(path, all => all[path] = node));
            return new WritableFile(this, node);
        }
    }

    public IWritableFile Open(string path)
    {
        lock (gate)
            return new WritableFile(this, Find(path));
    }

    public byte[] Read(string path, long start = 0)
    {
        lock (gate)
            return [.. Find(path).Content.Skip((int)start)];
    }

    public Mapping Map(string path)
    {
        lock (gate)
            return new MemoryMapping(Find(path).Content);
    }

    public void Rename(string from, string to)
    {
        lock (gate)
        {
            Node node = Find(from);
            Step(() => Change(to, all =>
            {
                all.Remove(from);
                all[to] = node;
            }));
        }
    }

    public void Delete(string path)
    {
        lock (gate)
            if (names.ContainsKey(path))
                Step(() => Change(path, all => all.Remove(path)));
    }

    public void FlushFolder(string folder)
    {
        lock (gate)
            Step(() =>
            {
                foreach (string path in safeNames.Keys.Where(path => Path.GetDirectoryName(path) == folder).ToArray())
                    safeNames.Remove(path);
                foreach ((string path, Node node) in names.Where(named => Path.GetDirectoryName(named.Key) == folder))
                    safeNames[path] = node;
                unsafeChanges.RemoveAll(change => change.Folder == folder);
            }, isFlush: true);
    }

    public IDisposable? TryLock(string path)
    {
        lock (gate)
        {
            if (lost)
                throw new PowerLossException();
            return held.Add(path) ? new HeldLock(() => held.Remove(path)) : null;
        }
    }

    private Node Find(string path)
    {
        if (lost)
            throw new PowerLossException();
        return names.TryGetValue(path, out Node? node) ? node : throw new FileNotFoundException($"There is no {path}.", path);
    }

    private void Change(string path, Action<Dictionary<string, Node>> change)
    {
        change(names);
        unsafeChanges.Add((Path.GetDirectoryName(path)!, change));
    }

    // A loss of power in the middle of a change leaves some of it, in the middle of a flush none of its promise.
    private void Step(Action change, bool isFlush = false, Action? half = null, bool writes = false)
    {
        if (lost)
            throw new PowerLossException();
        Steps++;
        if (Fault is { } fault && (Steps == fault.Step || (Steps > fault.Step && fault.Kind is Failure.FullDisk or Failure.Stuck)))
        {
            if (fault.Kind == Failure.PowerLoss)
            {
                if (!isFlush)
                    change();
                lost = true;
                throw new PowerLossException();
            }
            if (fault.Kind == Failure.Late)
                change();
            if (fault.Kind != Failure.FullDisk || writes)
            {
                if (fault.Kind == Failure.ShortWrite)
                    half?.Invoke();
                throw new IOException(fault.Kind == Failure.FullDisk ? "No space left on device" : $"step {Steps} fails");
            }
        }
        change();
    }

    private static byte[] Survived(Node node, Random random)
    {
        (byte[] old, byte[] present) = (node.Safe, node.Content);
        switch (random.Next(3))
        {
            case 0: return old;
            case 1: return present;
        }
        byte[] mixed = new byte[random.Next(Math.Min(old.Length, present.Length), Math.Max(old.Length, present.Length) + 1)];
        for (int start = 0; start < mixed.Length; start += Sector)
        {
            byte[] from = random.Next(2) == 0 ? old : present; // zeros past its end
            if (from.Length > start)
                from.AsSpan(start, Math.Min(Math.Min(Sector, from.Length - start), mixed.Length - start)).CopyTo(mixed.AsSpan(start));
        }
        // What was flushed and not written over since stays.
        for (int i = 0; i < Math.Min(mixed.Length, old.Length) && i < present.Length; i++)
            if (old[i] == present[i])
                mixed[i] = old[i];
        return mixed;
    }

    private sealed class WritableFile(MemoryFileSystem files, Node node) : IWritableFile
    {
        public long Length => node.Content.Length;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            byte[] more = bytes.ToArray();
            lock (files.gate)
                files.Step(() => node.Content = [.. node.Content, .. more], half: () => node.Content = [.. node.Content, .. more[..(more.Length / 2)]], writes: true);
        }

        public void Flush()
        {
            lock (files.gate)
                files.Step(() => node.Safe = node.Content, isFlush: true);
        }

        public void Truncate(long length)
        {
            lock (files.gate)
                files.Step(() => node.Content = node.Content[..(int)length]);
        }

        public void Dispose()
        {
        }
    }

    private sealed class HeldLock(Action release) : IDisposable
    {
        public void Dispose() => release();
    }

    private sealed unsafe class MemoryMapping : Mapping
    {
        private readonly byte[] copy;

        public MemoryMapping(byte[] content)
        {
            copy = GC.AllocateArray<byte>(content.Length, pinned: true);
            content.CopyTo(copy, 0);
            Start = (byte*)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(copy));
            Length = content.Length;
        }

        public override void Free() => copy.AsSpan().Fill(0xDD);
    }
}
