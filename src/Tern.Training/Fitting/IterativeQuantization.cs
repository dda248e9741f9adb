using Tern.Torch;

namespace Tern.Training.Fitting;

/// <summary>A linear layer whose signs keep as much as signs can of where embeddings lie. It looks at no class, so that it holds for classes never trained on.</summary>
/// <remarks>
/// Iterative quantisation (Gong and Lazebnik, CVPR 2011, section 2): with V = (X - mean) P, P the K principal axes of largest variance, and R orthogonal, |B - V R|^2 falls in turn by B = sign(V R) and by
/// R = S T', where V'B = S Omega T' (orthogonal Procrustes), 50 times from a random R. Departures: the layer is scaled so that its outputs are 1 in size on average, as terms for codes
/// expect it, which changes no sign; B is +1 where V R is 0; with whitening w above 0, each axis of V is divided by its deviation to the power w first. The axes that spread most are those that tell
/// apart what was learned; classes never trained on need the others too (docs/decisions/0012).
/// </remarks>
internal static class IterativeQuantization
{
    private const int Rounds = 50;

    /// <summary>Deviations below so much of the largest are rounding.</summary>
    private const double NoSpread = 1e-6;

    /// <summary>Throws <see cref="TernException"/> where there are fewer principal axes than bits.</summary>
    /// <param name="width">D, the numbers of an embedding.</param>
    /// <param name="count">N, the embeddings.</param>
    /// <param name="bits">K.</param>
    public static void Require(int width, int count, int bits)
    {
        if (bits > width || bits >= count)
            throw new TernException($"training.hash: iterativeQuantization takes at most as many bits as an embedding has numbers, and more pictures than bits; got bits {bits}, numbers {width}, pictures {count}. Lower bits, or train the hash layer by a term of the objective");
    }

    /// <summary>Weight [K, D] and bias [K], float32, of embeddings [N, D]. Whitening 0: all axes as they are; 1: all spread alike.</summary>
    public static (Tensor Weight, Tensor Bias) Fit(Tensor embeddings, int bits, ulong seed, double whitening = 0)
    {
        Require((int)embeddings.Shape[1], (int)embeddings.Shape[0], bits);
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        Tensor x = embeddings.To(DType.Float64), mean = x.Mean(0), centred = x - mean;                 // [N, D], [D], [N, D]
        Tensor axes = centred.Transpose().MatrixMultiply(centred).Eigenvectors().Narrow(1, x.Shape[1] - bits, bits);   // [D, K], the largest last
        axes = axes * Evening(centred.MatrixMultiply(axes), whitening);
        Tensor v = centred.MatrixMultiply(axes);                                                       // [N, K]
        TorchRuntime.Seed(seed);
        Tensor rotation = Nearest(Tensor.Zeros([bits, bits], DType.Float64).Normal_(0, 1));            // [K, K]
        for (int i = 0; i < Rounds; i++)
        {
            using var round = new TensorScope();
            rotation.Copy_(Nearest(v.Transpose().MatrixMultiply(Signs(v.MatrixMultiply(rotation)))));
        }
        Tensor weight = axes.MatrixMultiply(rotation).Transpose();                                     // [K, D]
        double size = v.MatrixMultiply(rotation).Abs().Mean().Item();
        if (size > 0) weight = weight / size;
        Tensor bias = -weight.MatrixMultiply(mean.Unsqueeze(1)).Flatten(0);                            // [K]
        return (scope.Keep(weight.To(DType.Float32)), scope.Keep(bias.To(DType.Float32)));
    }

    /// <summary>Factors [1, K] of axes, the largest deviation standing for 1; an axis on which nothing lies apart keeps its nothing.</summary>
    private static Tensor Evening(Tensor v, double whitening)
    {
        Tensor deviation = v.Pow(2).Mean(0).Sqrt();                                                    // [K]
        return (deviation / deviation.Max().Clamp(double.Epsilon, double.MaxValue)).Clamp(NoSpread, 1).Pow(-whitening).Unsqueeze(0);
    }

    /// <summary>The orthogonal matrix nearest to a square one.</summary>
    private static Tensor Nearest(Tensor square)
    {
        (Tensor left, Tensor right) = square.SingularVectors();
        return left.MatrixMultiply(right);
    }

    private static Tensor Signs(Tensor values) => values.LessThan(0).To(values.DType) * -2 + 1;
}
