using Tern.Codes;
using Tern.Index;

namespace Tern.Tests.Index;

/// <summary>The process that crash tests kill: commits batch after batch and prints the number of each once its commit has
/// returned.</summary>
internal static class CrashWriter
{
    public const int Bits = 40;
    public const int BatchSize = 25;

    /// <summary>Item <paramref name="item"/> of a batch; batch b also removes item 0 of batch b - 1.</summary>
    public static string Key(int batch, int item) => $"{batch}/{item}";

    public static BinaryCode Code(int batch, int item) => BinaryCode.FromWords([(ulong)(batch * 1000 + item) & 0xFF_FFFF_FFFF], Bits);

    public static int Run(string folder, TextWriter acknowledged)
    {
        using HammingIndex index = HammingIndex.Open(folder, new IndexOptions { Writable = true });
        for (int batch = (int)(index.Count / (BatchSize - 1)); ; batch++)
        {
            for (int item = 0; item < BatchSize; item++)
                index.Add(Key(batch, item), Code(batch, item), $"batch {batch}");
            if (batch > 0)
                index.Remove(Key(batch - 1, 0));
            index.Commit();
            acknowledged.WriteLine(batch);
            acknowledged.Flush();
        }
    }
}
