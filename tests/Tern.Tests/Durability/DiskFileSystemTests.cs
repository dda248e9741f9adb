using Tern.Durability;
using Tern.Tests.Index;

namespace Tern.Tests.Durability;

/// <summary>The system's files do what the index asks of files, and those in memory do the same.</summary>
public sealed class DiskFileSystemTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static IFileSystem Files(bool onDisk) => onDisk ? DiskFileSystem.Instance : new MemoryFileSystem();

    private static string Text(ReadOnlySpan<byte> bytes) => System.Text.Encoding.ASCII.GetString(bytes);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_grows_is_cut_off_and_goes_on(bool onDisk)
    {
        IFileSystem files = Files(onDisk);
        string path = folder.New("file");
        using (IWritableFile file = files.Create(path))
        {
            file.Append("abc"u8);
            file.Append(""u8);
            file.Append("defg"u8);
            file.Flush();
            Assert.Equal(7, file.Length);
            file.Truncate(4);
            file.Append("x"u8);
            Assert.Equal("abcdx", Text(files.Read(path)));
        }
        using (IWritableFile file = files.Open(path))
        {
            Assert.Equal(5, file.Length);
            file.Append("yz"u8);
        }
        Assert.Equal("dxyz", Text(files.Read(path, 3)));
        Assert.Equal("", Text(files.Read(path, 7)));
        Assert.Equal("", Text(files.Read(path, 100)));
        using (files.Create(path))
            Assert.Equal("", Text(files.Read(path)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Names_change_and_go(bool onDisk)
    {
        IFileSystem files = Files(onDisk);
        foreach (string name in new[] { "a", "b" })
            using (IWritableFile file = files.Create(folder.New(name)))
                file.Append(System.Text.Encoding.ASCII.GetBytes(name));
        files.Rename(folder.New("a"), folder.New("b"));
        files.FlushFolder(folder.Path);
        Assert.Equal(["b"], files.List(folder.Path));
        Assert.Equal("a", Text(files.Read(folder.New("b"))));
        files.Delete(folder.New("b"));
        files.Delete(folder.New("b"));
        Assert.Empty(files.List(folder.Path));
        Assert.Empty(files.List(folder.New("nowhere")));
        Assert.Throws<FileNotFoundException>(() => files.Read(folder.New("b")));
        Assert.Throws<FileNotFoundException>(() => files.Map(folder.New("b")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_mapped_file_stays_readable_when_it_is_deleted(bool onDisk)
    {
        IFileSystem files = Files(onDisk);
        using (IWritableFile file = files.Create(folder.New("file")))
            file.Append(new byte[] { 1, 0, 0, 0, 2, 0, 0, 0, 9 });
        using (files.Create(folder.New("empty")))
            Assert.Equal(0, files.Map(folder.New("empty")).Length);
        Mapping mapping = files.Map(folder.New("file"));
        files.Delete(folder.New("file"));
        Assert.Equal(9, mapping.Length);
        Column<int> numbers = mapping.Values<int>(0, 2);
        Assert.Equal((2L, 1, 2), (numbers.Length, numbers[0], numbers[1]));
        Assert.Equal(9, mapping.Values<byte>(8, 1)[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => mapping.Values<int>(0, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => mapping.Values<byte>(10, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => numbers[2]);
        mapping.Free();
        mapping.Free();
    }

    [Fact]
    public void A_folder_is_made_with_those_above_it()
    {
        string path = folder.New("a/b/c");
        DiskFileSystem.Instance.CreateFolder(path);
        DiskFileSystem.Instance.CreateFolder(path);
        Assert.True(Directory.Exists(path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_lock_is_held_by_one(bool onDisk)
    {
        IFileSystem files = Files(onDisk);
        string path = folder.New("lock");
        using (files.TryLock(path))
            Assert.Null(files.TryLock(path));
        using IDisposable? again = files.TryLock(path);
        Assert.NotNull(again);
    }
}
