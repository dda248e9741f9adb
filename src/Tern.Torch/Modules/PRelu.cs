namespace Tern.Torch.Modules;

/// <summary>ReLU with a learned slope below zero, one for each channel of [N, channels, H, W].</summary>
/// <remarks>He, Zhang, Ren and Sun, ICCV 2015, eq. 1. Slopes start at 0.25, as there and in PyTorch, whose name <c>weight</c> they have.</remarks>
public sealed class PRelu : Layer
{
    private const double Start = 0.25;
    private readonly Tensor weight;

    public PRelu(int channels) => weight = Parameter("weight", Tensor.Empty([channels]).Fill_(Start));

    // Under autocast a convolution hands on bfloat16, of which libtorch 1.13 has no gradient here on a processor.
    protected override Tensor Forward(Tensor input) => (input.DType == DType.BFloat16 ? input.To(DType.Float32) : input).PRelu(weight);
}
