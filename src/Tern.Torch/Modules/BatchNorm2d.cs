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
}
