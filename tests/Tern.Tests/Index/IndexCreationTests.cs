using Tern.Codes;
using Tern.Durability;
using Tern.Index;
using Tern.Tests.Durability;

namespace Tern.Tests.Index;

/// <summary>A creation that is interrupted leaves an index or a free folder, and takes nothing that is not its own.</summary>
public class IndexCreationTests
{
    private const string Folder = "/index";

    [Theory]
    [InlineData((int)Failure.Once)]
    [InlineData((int)Failure.ShortWrite)]
    [InlineData((int)Failure.PowerLoss)]
    public void A_creation_that_is_interrupted_leaves_an_index_with_what_belongs_beside_it_or_a_free_folder(int kind)
    {
        CompanionFile model = new("model.onnx", new byte[2000]), other = new("model.onnx", new byte[] { 1, 2, 3 });
        for (int step = 1; ; step++)
        {
            MemoryFileSystem files = new() { Fault = (step, (Failure)kind) };
            try
            {
                Create(files, model);
                return;
            }
            catch (Exception stopped) when (stopped is TernException or PowerLossException)
            {
                files.Kill();
            }
            MemoryFileSystem[] ends = [files, .. Enumerable.Range(0, 5).Select(seed => files.AfterPowerLoss(new Random(100 * step + seed)))];
            foreach (MemoryFileSystem left in (Failure)kind == Failure.PowerLoss ? ends : ends[..1])
            {
                bool isThere = left.Paths.Contains($"{Folder}/manifest.json");
                if (!isThere)
                    Create(left, other);
                Assert.Equal((isThere ? model : other).Content.ToArray(), left[$"{Folder}/model.onnx"]);
                Assert.Empty(HammingIndex.Verify(Folder, left));
                Assert.Contains("is not empty", Assert.Throws<TernException>(() => Create(left, model)).Message);
            }
        }

        static void Create(MemoryFileSystem files, CompanionFile companion) => HammingIndex.Create(Folder, IndexOracle.Bits, "m", null, Options(files), companion).Dispose();
    }

    [Fact]
    public void A_file_that_no_creation_has_left_is_nobodys_to_replace()
    {
        MemoryFileSystem files = new();
        files[$"{Folder}/model.onnx"] = [1];
        CompanionFile model = new("model.onnx", new byte[] { 2 });
        Assert.Contains("is not empty", Assert.Throws<TernException>(() => HammingIndex.Create(Folder, IndexOracle.Bits, "m", null, Options(files), model)).Message);
        Assert.Equal([1], files[$"{Folder}/model.onnx"]);
    }

    /// <summary>It looks nearly as an interrupted creation does, but what it holds can still be saved.</summary>
    [Fact]
    public void An_index_that_has_lost_its_manifest_is_not_created_anew()
    {
        MemoryFileSystem files = new();
        using (HammingIndex index = HammingIndex.Create(Folder, IndexOracle.Bits, "m", options: Options(files)))
        {
            for (int i = 0; i < 500; i++)
                index.Add(i, BinaryCode.FromWords([(ulong)i], IndexOracle.Bits));
            index.Commit();
        }
        files.Delete($"{Folder}/manifest.json");
        string[] left = [.. files.Paths];
        Assert.Contains("is not empty", Assert.Throws<TernException>(() => HammingIndex.Create(Folder, IndexOracle.Bits, "m", options: Options(files))).Message);
        Assert.Contains("restore that file", Assert.Throws<TernException>(() => HammingIndex.Open(Folder, Options(files))).Message);
        Assert.Equal(left, files.Paths);
        Assert.Contains(left, path => path.Contains("segment-"));
    }

    private static IndexOptions Options(MemoryFileSystem files) => new() { Files = files, Limits = IndexOracle.Small, MergeInBackground = false };
}
