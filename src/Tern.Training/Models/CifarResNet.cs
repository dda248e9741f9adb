using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>The residual network for small pictures: a 3x3 stem and three stages of widths w, 2w, 4w, then the mean over the map.</summary>
/// <remarks>
/// He, Zhang, Ren and Sun, CVPR 2016, section 4.2: depth 6n + 2, w = 16. State-dict names follow torchvision (layer1.0.conv1, ...).
/// Departures: projection shortcuts (option B) where the size changes, as torchvision does; convolutions start from He's normal, fan out.
/// </remarks>
public sealed class CifarResNet : Layer
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential[] stages = new Sequential[3];

    /// <param name="channels">1 or 3.</param>
    /// <param name="depth">20, 32, 44, 56, ...: 6n + 2.</param>
    /// <param name="width">Channels of the first stage.</param>
    /// <param name="stemStride">1 as published; 2 works on a quarter of the pixels throughout, for a quarter of the cost.</param>
    public CifarResNet(int channels, int depth, int width, int stemStride)
    {
        conv1 = Add("conv1", new Conv2d(channels, width, 3, stemStride, padding: 1, bias: false));
        bn1 = Add("bn1", new BatchNorm2d(width));
        int inputs = width;
        for (int stage = 0; stage < 3; stage++)
        {
            int outputs = width << stage;
            var blocks = new Layer[(depth - 2) / 6];
            for (int i = 0; i < blocks.Length; i++)
            {
                blocks[i] = new BasicBlock(inputs, outputs, stride: i == 0 && stage > 0 ? 2 : 1);
                inputs = outputs;
            }
            stages[stage] = Add($"layer{stage + 1}", new Sequential(blocks));
        }
        Features = inputs;
        Initialization.HeNormal(this);
    }

    /// <summary>Width of the embedding: 4w.</summary>
    public int Features { get; }

    protected override Tensor Forward(Tensor images)                          // [N, C, H, W]
    {
        Tensor x = bn1[conv1[images]].Relu_();                                // [N, w, H, W]
        foreach (Sequential stage in stages) x = stage[x];                    // [N, 4w, H/4, W/4]
        return x.GlobalAveragePool().Flatten();                               // [N, 4w]
    }
}

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
        if (stride != 1 || inputs != outputs)
            downsample = Add("downsample", new Sequential(new Conv2d(inputs, outputs, 1, stride, bias: false), new BatchNorm2d(outputs)));
    }

    protected override Tensor Forward(Tensor input) => bn2[conv2[bn1[conv1[input]].Relu_()]].Add_(downsample is null ? input : downsample[input]).Relu_();
}
