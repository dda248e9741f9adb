using System.Globalization;
using Tern.Durability;
using Tern.Index;
using Tern.Tests.Index;

// Tests start this assembly again where they need a process of their own, for example one to kill. What takes long is started by bench/crash.sh.
switch (args)
{
    case ["crash-writer", string folder]:
        return CrashWriter.Run(folder, Console.Out);

    case ["reader", string folder, string seconds]:
        Console.WriteLine(IndexReadersTests.Look(folder, TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture))));
        return 0;

    case ["crash", string folder, string kills, string seed]:
        HammingIndex.Create(folder, CrashWriter.Bits, "m").Dispose();
        int batches = await CrashWriter.KillAndLook(folder, int.Parse(kills, CultureInfo.InvariantCulture), new Random(int.Parse(seed, CultureInfo.InvariantCulture)), 120,
            kill => Console.Error.Write((kill + 1) % 50 == 0 ? $"{kill + 1}\n" : "."));
        Console.WriteLine($"{{\"what\": \"a writer killed again and again: every acknowledged batch is there, none is half there\", \"kills\": {kills}, \"batches\": {batches + 1}}}");
        return 0;

    case ["readers", string folder, string minutes]:
        long looks = await IndexReadersTests.Run(folder, DiskFileSystem.Instance, TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture)), readers: 4, processes: 2);
        if (HammingIndex.Verify(folder) is [string problem, ..])
            throw new InvalidOperationException(problem);
        Console.WriteLine($"{{\"what\": \"commits and merges beside four readers on threads and two in processes: every look saw a whole commit\", \"minutes\": {minutes}, \"looks\": {looks}}}");
        return 0;

    default:
        return 2;
}
