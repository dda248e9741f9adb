using Tern.Torch;

namespace Tern.Training.Losses;

/// <summary>The code of a hash layer as -1 and +1.</summary>
internal static class HashSigns
{
    /// <summary>+1 where h &gt; 0, else -1, so that 0 is the bit it is in a stored code (PyTorch's sign(0) is 0). No gradient goes through it.</summary>
    public static Tensor Signs(this Tensor hash) => 2 * hash.Detach().GreaterThan(0).To(hash.DType) - 1;

    /// <summary><see cref="Signs"/> with the gradient that the hash layer would have without them (straight through, as in Greedy Hash).</summary>
    public static Tensor SignsStraightThrough(this Tensor hash) => hash - hash.Detach() + hash.Signs();

    /// <summary>Mean of |h - sign(h)|^3, to a scalar: small where that gradient is about right (Su et al. 2018).</summary>
    public static Tensor CubeFromSigns(this Tensor hash) => (hash - hash.Signs()).Abs().Pow(3).Mean();
}
