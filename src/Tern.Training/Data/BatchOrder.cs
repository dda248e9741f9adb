using System.Text.Json.Serialization;
using Tern.Evaluation;

namespace Tern.Training.Data;

/// <summary>Which pictures stand together in a batch, as a recipe names it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ShuffledBatches), "shuffled")]
[JsonDerivedType(typeof(BalancedBatches), "balanced")]
public abstract record BatchOrder
{
    /// <summary>Pictures a batch has, or null where the recipe's <c>batchSize</c> says.</summary>
    public virtual int? Size => null;

    /// <summary>Whether every batch holds several pictures of a class, which ranking needs.</summary>
    public virtual bool HoldsPositives => false;

    /// <summary>The batches of an epoch, each the positions of its pictures: a function of the arguments alone.</summary>
    internal abstract int[][] Epoch(Labels labels, int batchSize, ulong seed, int epoch);

    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public virtual IEnumerable<string> Problems() => [];

    /// <summary>What does not fit the pictures learned from, each as "name: what; got value".</summary>
    public virtual IEnumerable<string> Problems(Labels labels) => [];

    /// <summary>Batches an epoch: as many as are complete, but one at least.</summary>
    internal static int Count(int pictures, int batchSize) => Math.Max(1, pictures / batchSize);
}

/// <summary>Every picture once an epoch in random order; the incomplete batch at the end is dropped, unless it is the only one.</summary>
public sealed record ShuffledBatches : BatchOrder
{
    internal override int[][] Epoch(Labels labels, int batchSize, ulong seed, int epoch)
    {
        int[] order = Randomness.Of(seed, 1, (ulong)epoch).Permutation(labels.Count);
        int size = labels.Count >= batchSize ? batchSize : Math.Max(1, labels.Count & ~1);   // even, as recipes demand: docs/decisions/0007
        return [.. Enumerable.Range(0, Count(labels.Count, batchSize)).Select(batch => order[(batch * size)..((batch + 1) * size)])];
    }
}
