namespace Tern.Torch.Modules;

/// <summary>Batch normalisation of [N, channels, H, W] (or [N, channels]); running statistics with momentum 0.1, as PyTorch.</summary>
public sealed class BatchNorm2d : Layer
{
    private readonly Tensor weight, bias, mean, variance, batches;
    private readonly double epsilon;

    /// <param name="channels">Normalised each by itself.</param>
    /// <param name="epsilon">Added to the variance before the root is taken.</param>
    /// <param name="startsAtZero">Whether scales start at 0 in place of 1, so that at first nothing comes through.</param>
    public BatchNorm2d(int channels, double epsilon = 1e-5, bool startsAtZero = false)
    {
        this.epsilon = epsilon;
        weight = Parameter("weight", startsAtZero ? Tensor.Zeros([channels]) : Tensor.Ones([channels]));
        bias = Parameter("bias", Tensor.Zeros([channels]));
        mean = Buffer("running_mean", Tensor.Zeros([channels]));
        variance = Buffer("running_var", Tensor.Ones([channels]));
        batches = Buffer("num_batches_tracked", Tensor.Zeros([], DType.Int64));
    }

    protected override Tensor Forward(Tensor input)
    {
        if (Training) Operator.InPlace("aten::add_.Scalar", batches, 1);
        return input.BatchNorm(weight, bias, mean, variance, Training, epsilon: epsilon);
    }

    /// <summary>
    /// The normalised output of a convolution with weight w and bias b. Frozen, it is one convolution with w g and bias + (b - mean) g, where g is scale / sqrt(variance + epsilon),
    /// which spares two passes over the map and two over its gradient. A trained scale has its gradient from the two apart, in float32; export and watchers see the two apart as well.
    /// </summary>
    public Tensor After(Conv2d convolution, Tensor input)
    {
        if (Training || weight.RequiresGrad || bias.RequiresGrad || IsWatched || convolution.IsWatched) return this[convolution[input]];
        using var scope = new TensorScope();
        Tensor gain = weight / (variance + epsilon).Sqrt();                          // [C]
        Tensor centre = convolution.Bias is { } own ? own - mean : -mean;            // [C]
        return scope.Keep(convolution.Convolve(input, convolution.UsedWeight * gain.Reshape(-1, 1, 1, 1), bias + centre * gain));
    }
}
