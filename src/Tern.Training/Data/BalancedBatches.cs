using Tern.Evaluation;

namespace Tern.Training.Data;

/// <summary>Batches of <paramref name="Classes"/> classes with <paramref name="PerClass"/> pictures each.</summary>
/// <remarks>
/// The "P x K" batches of metric learning (Hermans et al. 2017, section 2), and the optional sampler of the authors' DSH code (10 x 20 on CIFAR-10). Classes are
/// drawn in rounds, and so are the pictures of each class, on through the epochs: none comes again before all have come. A class with fewer than
/// <paramref name="PerClass"/> pictures repeats some within the batch, each time augmented anew. A picture with several labels belongs to each of their classes,
/// and may stand in a batch for two of them. An epoch has as many batches as one of shuffled pictures.
/// </remarks>
/// <param name="Classes">P, at most the number of classes.</param>
/// <param name="PerClass">K.</param>
public sealed record BalancedBatches(int Classes, int PerClass) : BatchOrder
{
    private const ulong OfClasses = 0xba1a, OfPictures = 0xba1b;

    public override int? Size => Classes * PerClass;

    public override bool HoldsPositives => PerClass > 1;

    internal override int[][] Epoch(Labels labels, int batchSize, ulong seed, int epoch)
    {
        int[][] members = [.. labels.Carriers().OrderBy(carriers => carriers.Key).Select(carriers => carriers.ToArray())];
        long batches = Count(labels.Count, batchSize), first = epoch * batches;
        var classes = new Rounds(members.Length, Classes, seed, OfClasses);

        // How often a class has come before decides which of its pictures are next. After a whole cycle all have come equally often.
        long cycleStart = first - first % classes.Cycle;
        var visits = new long[members.Length];
        Array.Fill(visits, cycleStart * Classes / members.Length);
        foreach (int drawn in classes.From(cycleStart).Take((int)(first - cycleStart)).SelectMany(group => group)) visits[drawn]++;

        var pictures = new IEnumerator<int[]>?[members.Length];
        int[] Next(int drawn)
        {
            IEnumerator<int[]> groups = pictures[drawn]
                ??= new Rounds(members[drawn].Length, PerClass, seed, OfPictures + (ulong)drawn).From(visits[drawn]).GetEnumerator();
            groups.MoveNext();
            return Array.ConvertAll(groups.Current, place => members[drawn][place]);
        }
        return [.. classes.From(first).Take((int)batches).Select(group => group.SelectMany(Next).ToArray())];
    }

    public override IEnumerable<string> Problems()
    {
        if (Classes < 2) yield return $"classes: must be at least 2; got {Classes}";
        if (PerClass < 1) yield return $"perClass: must be at least 1; got {PerClass}";
        // Odd batches overwrite memory in libtorch 1.13: docs/decisions/0007.
        if ((long)Classes * PerClass is var size && (size % 2 != 0 || size > 1 << 20)) yield return $"classes: classes x perClass must be even and at most {1 << 20}; got {Classes} x {PerClass}";
    }

    public override IEnumerable<string> Problems(Labels labels)
    {
        if (labels.Carriers().Count is var classes && classes < Classes) yield return $"classes: must be at most {classes}, the number of classes that are learned; got {Classes}";
    }
}
