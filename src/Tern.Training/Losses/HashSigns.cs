using Tern.Torch;

namespace Tern.Training.Losses;

/// <summary>The code of a hash layer as -1 and +1.</summary>
internal static class HashSigns
{
    /// <summary>+1 where h &gt; 0, else -1, so that 0 is the bit it is in a stored code (PyTorch's sign(0) is 0). No gradient goes through it.</summary>
    public static Tensor Signs(this Tensor hash) => 2 * hash.Detach().GreaterThan(0).To(hash.DType) - 1;
}
