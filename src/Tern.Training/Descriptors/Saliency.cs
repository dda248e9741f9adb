using Tern.Torch;

namespace Tern.Training.Descriptors;

/// <summary>What a descriptor looks at in a picture: how much each place of the feature map adds to its squared length. Shares sum to 1; a negative one speaks against the others.</summary>
/// <remarks>
/// Gradient times input (Shrikumar, Greenside, Shcherbina and Kundaje 2016, arXiv 1605.01713), of S = |W d(x)|^2 / 2, W being the descriptor's reduction. The mean, the largest value and the
/// generalised mean above its clamp grow in proportion to the map x, so that the sum over all places of x dS/dx is 2 S: nothing is lost and nothing counted twice.
/// </remarks>
/// <param name="Shares">[Height * Width], row-major.</param>
public sealed record Saliency(int Height, int Width, float[] Shares)
{
    private const double Shortest = 1e-12;

    /// <summary>One for each descriptor, of a single normalised picture [1, C, H, W]. The network is to be in evaluation mode.</summary>
    public static Saliency[] Of(CombinedDescriptors network, Tensor picture)
    {
        using var scope = new TensorScope();
        Tensor map;
        using (new NoGrad()) map = network.Trunk.Map(picture).To(DType.Float32);                      // [1, D, h, w]
        return [.. Enumerable.Range(0, network.Count).Select(descriptor => Of(network, descriptor, map))];
    }

    private static Saliency Of(CombinedDescriptors network, int descriptor, Tensor map)
    {
        Tensor x = map.Detach().Clone();
        x.RequiresGrad = true;
        Tensor reduced = network.Reduced(descriptor, x);                                              // [1, k]
        ((reduced * reduced).Sum() / 2).Backward();
        float[] brought = (x.Detach() * x.Gradient!).Sum(1).ToArray<float>();                         // [1, h, w]
        foreach (Tensor parameter in network.Parameters) parameter.Gradient = null;
        double whole = Math.Max(Shortest, brought.Sum(value => (double)value));
        return new Saliency((int)map.Shape[2], (int)map.Shape[3], Array.ConvertAll(brought, value => (float)(value / whole)));
    }
}
