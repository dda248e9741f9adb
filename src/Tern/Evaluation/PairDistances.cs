using System.Numerics;
using Tern.Codes;

namespace Tern.Evaluation;

/// <summary>How far apart the two items of each pair are: what <see cref="Verification"/> judges.</summary>
public static class PairDistances
{
    /// <summary>1 - cosine similarity, in double precision; a zero vector has similarity 0 with everything.</summary>
    /// <param name="embeddings">[items, dimensions], row-major.</param>
    /// <param name="dimensions">Length of one embedding.</param>
    /// <param name="pairs">By positions among the items.</param>
    /// <exception cref="TernException">The lengths do not fit, a pair has a position that is not there, or a value is not finite.</exception>
    public static double[] Cosine(ReadOnlySpan<float> embeddings, int dimensions, IReadOnlyList<VerificationPair> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        if (dimensions < 1 || embeddings.Length % dimensions != 0)
            throw new TernException($"{embeddings.Length} values are not a whole number of embeddings of {dimensions} dimensions.");
        double[] distances = new double[pairs.Count];
        for (int i = 0; i < distances.Length; i++)
        {
            Require(pairs[i], i, embeddings.Length / dimensions);
            ReadOnlySpan<float> first = embeddings.Slice(pairs[i].First * dimensions, dimensions);
            ReadOnlySpan<float> second = embeddings.Slice(pairs[i].Second * dimensions, dimensions);
            double lengths = Math.Sqrt(Product(first, first)) * Math.Sqrt(Product(second, second));
            if (!double.IsFinite(lengths))
                throw new TernException($"Pair {i + 1} has an embedding that is not finite; the network that made it has diverged.");
            distances[i] = lengths > 0 ? 1 - Product(first, second) / lengths : 1;
        }
        return distances;
    }

    /// <summary>How many bits differ.</summary>
    /// <param name="codes">The codes of the items.</param>
    /// <param name="pairs">By positions among them.</param>
    /// <exception cref="TernException">A pair has a position that is not there.</exception>
    public static double[] Hamming(PackedCodes codes, IReadOnlyList<VerificationPair> pairs)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(pairs);
        double[] distances = new double[pairs.Count];
        for (int i = 0; i < distances.Length; i++)
        {
            Require(pairs[i], i, codes.Count);
            ReadOnlySpan<ulong> first = codes.WordsOf(pairs[i].First), second = codes.WordsOf(pairs[i].Second);
            int differ = 0;
            for (int word = 0; word < first.Length; word++)
                differ += BitOperations.PopCount(first[word] ^ second[word]);
            distances[i] = differ;
        }
        return distances;
    }

    private static double Product(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += (double)a[i] * b[i];
        return sum;
    }

    private static void Require(VerificationPair pair, int place, int items)
    {
        foreach (int position in (ReadOnlySpan<int>)[pair.First, pair.Second])
            if (position < 0 || position >= items)
                throw new TernException($"Pair {place + 1} has position {position}; there are {items} items, counted from 0.");
    }
}
