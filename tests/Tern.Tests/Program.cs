using System.Globalization;
using Tern.Durability;
using Tern.Index;
using Tern.Tests.Index;

// Tests start this assembly again where they need a process of their own, for example one to kill. What takes long is started by bench/crash.sh.
switch (args)
{
    case ["crash-writer", string folder]:
        return CrashWriter.Run(folder, Console.Out);

    case ["crash", string folder, string kills, string seed]:
        HammingIndex.Create(folder, CrashWriter.Bits, "m").Dispose();
        int batches = await CrashWriter.KillAndLook(folder, int.Parse(kills, CultureInfo.InvariantCulture), new Random(int.Parse(seed, CultureInfo.InvariantCulture)), 120,
            kill => Console.Error.Write((kill + 1) % 50 == 0 ? $"{kill + 1}\n" : "."));
        Console.WriteLine($"{kills} kills, {batches + 1} batches committed: every acknowledged one is there, none is half there");
        return 0;

    case ["readers", string folder, string minutes]:
        await IndexReadersTests.Run(folder, DiskFileSystem.Instance, TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture)), readers: 4);
        Console.WriteLine($"{minutes} minutes of commits, merges and four readers: every one saw whole commits");
        return HammingIndex.Verify(folder).Count == 0 ? 0 : 1;

    default:
        return 2;
}
