namespace Tern.Torch;

/// <summary>What networks and losses are made of. Images are [N, C, H, W].</summary>
public sealed partial class Tensor
{
    /// <summary>[N, I, H, W] with a weight [O, I / groups, h, w] to [N, O, H', W']; a stride or dilation left out is 1.</summary>
    public Tensor Convolve2d(Tensor weight, Tensor? bias = null, Pair? stride = null, Pair padding = default, Pair? dilation = null, int groups = 1) =>
        Operator.Get("aten::conv2d", this, weight, bias, stride ?? 1, padding, dilation ?? 1, groups);

    public Tensor BatchNorm(Tensor? weight, Tensor? bias, Tensor? mean, Tensor? variance, bool training, double momentum = 0.1, double epsilon = 1e-5) =>
        Operator.Get("aten::batch_norm", this, weight, bias, mean, variance, training, momentum, epsilon, true);

    public Tensor Linear(Tensor weight, Tensor? bias = null) => Operator.Get("aten::linear", this, weight, bias);
    public Tensor MatrixMultiply(Tensor other) => Operator.Get("aten::matmul", this, other);

    /// <summary>Of a symmetric matrix [D, D]: its eigenvectors as columns, the one of the largest eigenvalue last.</summary>
    public Tensor Eigenvectors() => Operator.Many("aten::linalg_eigh", this)[1];

    /// <summary>U and V' of this square matrix U S V'.</summary>
    public (Tensor Left, Tensor Right) SingularVectors() => Operator.Many("aten::linalg_svd", this, true) is [var left, _, var right] ? (left, right) : throw new TorchException("aten::linalg_svd makes three tensors");

    /// <summary>Euclidean distances of the rows [N, D] to the rows of <paramref name="other"/> [M, D]: [N, M]. Where two rows are equal the gradient is 0, not 0 / 0.</summary>
    public Tensor Distances(Tensor other) => Operator.Get("aten::cdist", Contiguous(), other.Contiguous(), 2.0, FromDifferences);

    public Tensor MaxPool2d(int kernel, int stride, int padding = 0, bool ceiling = false) =>
        Operator.Get("aten::max_pool2d", this, kernel, stride, padding, 1, ceiling);

    public Tensor AveragePool2d(int kernel, int stride, int padding = 0, bool ceiling = false, bool countPadding = true) =>
        Operator.Get("aten::avg_pool2d", this, kernel, stride, padding, ceiling, countPadding);

    /// <summary>The mean over height and width: [N, C, H, W] to [N, C, 1, 1].</summary>
    public Tensor GlobalAveragePool() => Operator.Get("aten::adaptive_avg_pool2d", this, 1);

    public Tensor Relu() => Operator.Get("aten::relu", this);
    public Tensor Relu_() => Operator.InPlace("aten::relu_", this);

    /// <summary>min(max(x, 0), 6); where x is exactly 0 or 6, or not a number, its gradient is 0.</summary>
    public Tensor Relu6() => Operator.Get("tern::relu6", this);

    /// <summary>x, and below zero slope times x: [N, C, ...] with slopes [C].</summary>
    public Tensor PRelu(Tensor slope) => Operator.Get("aten::prelu", this, slope);

    public Tensor Sigmoid() => Operator.Get("aten::sigmoid", this);

    /// <summary>ln(1 + e^x), without overflow.</summary>
    public Tensor Softplus() => Operator.Get("aten::softplus", this);

    public Tensor Softmax(int dimension) => Operator.Get("aten::softmax.int", this, dimension);
    public Tensor LogSoftmax(int dimension) => Operator.Get("aten::log_softmax.int", this, dimension);

    /// <summary>Labels [N] int64 to [N, classes] int64 with a single 1 a row.</summary>
    public Tensor OneHot(int classes) => Operator.Get("aten::one_hot", this, classes);

    /// <summary>Mean over the batch of the cross-entropy of logits [N, C] with labels [N] int64, smoothed towards uniform.</summary>
    public Tensor CrossEntropy(Tensor labels, double labelSmoothing = 0) =>
        Operator.Get("aten::cross_entropy_loss", this, labels, Argument.None, ReduceToMean, IgnoreNothing, labelSmoothing);

    /// <summary>Mean over all elements of the binary cross-entropy of sigmoid(this) with targets in [0, 1] of the same shape, each times its weight where there are weights.</summary>
    public Tensor BinaryCrossEntropyWithLogits(Tensor targets, Tensor? weights = null) => Operator.Get("aten::binary_cross_entropy_with_logits", this, targets, weights);

    /// <summary>Element by element, with d the difference: d^2 / 2 up to |d| = 1, |d| - 1/2 beyond (Huber's function).</summary>
    public Tensor Huber(Tensor other) => Operator.Get("aten::smooth_l1_loss", this, other, ReduceNothing);

    private const int ReduceNothing = 0, ReduceToMean = 1, IgnoreNothing = -100;

    /// <summary>Never as a^2 + b^2 - 2ab, which loses the digits of small distances.</summary>
    private const int FromDifferences = 2;
}
