using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Tests.Models;

/// <summary>Weights that are a function of a tensor's name and of the position of each value, the same here and in fixtures/make_backbones.py.</summary>
internal static class HashedWeights
{
    /// <summary>Gives every weight of a network and every statistic of its normalisations a value that is neither 0 nor 1.</summary>
    public static void Load(Module network) => network.Load(network.StateDict
        .Where(named => !named.Key.EndsWith("tracked", StringComparison.Ordinal))
        .ToDictionary(named => named.Key, named => Weight(named.Key, named.Value.Shape)));

    /// <summary>In [0, 1): a hash of the name and the position.</summary>
    public static Tensor Uniform(string name, long[] shape)
    {
        uint start = name.Aggregate(0u, (hash, letter) => 31 * hash + letter);
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (uint i = 0; i < values.Length; i++)
        {
            uint x = start + i * 2654435761;
            x = (x ^ (x >> 16)) * 0x45d9f3b;
            x = (x ^ (x >> 16)) * 0x45d9f3b;
            values[i] = (float)((x ^ (x >> 16)) / 4294967296.0);
        }
        return Tensor.From(values, shape);
    }

    private static Tensor Weight(string name, long[] shape)
    {
        Tensor u = Uniform(name, shape);
        if (shape.Length == 4) return (u * 2 - 1) * Math.Sqrt(6.0 / (shape[1] * shape[2] * shape[3]));
        if (name.EndsWith("bn2.weight", StringComparison.Ordinal) || name.EndsWith("bn3.weight", StringComparison.Ordinal)) return u * 0.2 + 0.1;
        return name.EndsWith("weight", StringComparison.Ordinal) || name.EndsWith("running_var", StringComparison.Ordinal) ? u + 0.5 : u * 0.2 - 0.1;
    }
}
