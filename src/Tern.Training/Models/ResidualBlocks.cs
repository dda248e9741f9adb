using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>Two 3x3 convolutions and a shortcut: relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)).</summary>
public sealed class BasicBlock : Layer
{
    private readonly Conv2d conv1, conv2;
    private readonly BatchNorm2d bn1, bn2;
    private readonly Sequential? downsample;

    public BasicBlock(int inputs, int outputs, int stride)
    {
        conv1 = Add("conv1", new Conv2d(inputs, outputs, 3, stride, padding: 1, bias: false));
        bn1 = Add("bn1", new BatchNorm2d(outputs));
        conv2 = Add("conv2", new Conv2d(outputs, outputs, 3, padding: 1, bias: false));
        bn2 = Add("bn2", new BatchNorm2d(outputs));
        if (ResidualStage.Projection(inputs, outputs, stride) is { } projection) downsample = Add("downsample", projection);
    }

    protected override Tensor Forward(Tensor input) => bn2.After(conv2, bn1.After(conv1, input).Relu_()).Add_(downsample is null ? input : downsample[input]).Relu_();
}

/// <summary>1x1 down to a quarter of the channels, 3x3, 1x1 up again, and a shortcut; the stride is the 3x3 convolution's.</summary>
/// <remarks>He et al., CVPR 2016, figure 5 right. Departure, torchvision's: the stride stands on the 3x3 and not on the first 1x1 convolution ("v1.5").</remarks>
public sealed class Bottleneck : Layer
{
    private readonly Conv2d conv1, conv2, conv3;
    private readonly BatchNorm2d bn1, bn2, bn3;
    private readonly Sequential? downsample;

    public Bottleneck(int inputs, int outputs, int stride)
    {
        int width = outputs / 4;
        conv1 = Add("conv1", new Conv2d(inputs, width, 1, bias: false));
        bn1 = Add("bn1", new BatchNorm2d(width));
        conv2 = Add("conv2", new Conv2d(width, width, 3, stride, padding: 1, bias: false));
        bn2 = Add("bn2", new BatchNorm2d(width));
        conv3 = Add("conv3", new Conv2d(width, outputs, 1, bias: false));
        bn3 = Add("bn3", new BatchNorm2d(outputs));
        if (ResidualStage.Projection(inputs, outputs, stride) is { } projection) downsample = Add("downsample", projection);
    }

    protected override Tensor Forward(Tensor input)
    {
        Tensor x = bn2.After(conv2, bn1.After(conv1, input).Relu_()).Relu_();
        return bn3.After(conv3, x).Add_(downsample is null ? input : downsample[input]).Relu_();
    }
}

/// <summary>What residual networks are put together from.</summary>
internal static class ResidualStage
{
    /// <summary>Blocks of <paramref name="outputs"/> channels one after another; the first takes <paramref name="inputs"/> and has the stride.</summary>
    internal static Sequential Of(int blocks, int inputs, int outputs, int stride, bool bottleneck = false) => new(
        [.. Enumerable.Range(0, blocks).Select(i => Block(i == 0 ? inputs : outputs, outputs, i == 0 ? stride : 1, bottleneck))]);

    /// <summary>The shortcut where the shape changes: a 1x1 convolution and its normalisation (option B).</summary>
    internal static Sequential? Projection(int inputs, int outputs, int stride) =>
        stride == 1 && inputs == outputs ? null : new Sequential(new Conv2d(inputs, outputs, 1, stride, bias: false), new BatchNorm2d(outputs));

    private static Layer Block(int inputs, int outputs, int stride, bool bottleneck) =>
        bottleneck ? new Bottleneck(inputs, outputs, stride) : new BasicBlock(inputs, outputs, stride);
}
