using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>BN-Inception: ten blocks of 1x1, 3x3 and double 3x3 convolutions and a pool beside one another, every convolution normalised.</summary>
/// <remarks>
/// Ioffe and Szegedy, ICML 2015, figure 5, with the channels of the Caffe model that metric learning starts from. Names are those of its public weights
/// (Cadene's pretrained-models, bninception: conv1_7x7_s2, conv1_7x7_s2_bn, inception_3a_1x1, ...), which load with <c>"into": "backbone", "ignore": ["last_linear"]</c>; they learned from
/// pixels 0 to 255, blue first, less their mean. Convolutions keep their bias in front of the normalisation and start as PyTorch's, as there. Departure: running
/// statistics with momentum 0.1, which is Caffe's 0.9 as PyTorch counts it; that conversion says 0.9.
/// </remarks>
public sealed class BnInception : ConvolutionalNet
{
    private readonly Layer[] layers;

    /// <param name="channels">1 or 3.</param>
    /// <param name="lastStride">A: block 4e has stride 1, B: block 3c.</param>
    public BnInception(int channels, LastStride lastStride = LastStride.Kept) => layers =
    [
        Unit("conv1_7x7_s2", channels, 64, 7, stride: 2),
        new FunctionLayer(Halve),
        Unit("conv2_3x3_reduce", 64, 64, 1),
        Unit("conv2_3x3", 64, 192, 3),
        new FunctionLayer(Halve),                                                                   // [N, 192, H/8, W/8]
        Block("3a", 192, 64, (64, 64), (64, 96), 32),
        Block("3b", 256, 64, (64, 96), (64, 96), 64),
        Reduction("3c", 320, (128, 160), (64, 96), stride: lastStride == LastStride.B ? 1 : 2),
        Block("4a", 576, 224, (64, 96), (96, 128), 128),                                       // [N, 576, H/16, W/16]
        Block("4b", 576, 192, (96, 128), (96, 128), 128),
        Block("4c", 576, 160, (128, 160), (128, 160), 128),
        Block("4d", 608, 96, (128, 192), (160, 192), 128),
        Reduction("4e", 608, (128, 192), (192, 256), stride: lastStride == LastStride.A ? 1 : 2),
        Block("5a", 1056, 352, (192, 320), (160, 224), 128),                                   // [N, 1056, H/32, W/32]
        Block("5b", 1024, 352, (192, 320), (192, 224), 128, largest: true),
    ];

    /// <summary>1,024.</summary>
    public override int Features => 352 + 320 + 224 + 128;

    protected override Tensor MapOf(Tensor images) => layers.Aggregate(images, (map, layer) => layer[map]);

    private static Tensor Halve(Tensor map) => map.MaxPool2d(3, 2, ceiling: true);

    /// <summary>1x1 | 1x1, 3x3 | 1x1, 3x3, 3x3 | mean or largest of 3x3, 1x1: to the sum of their outputs.</summary>
    private Branches Block(string name, int inputs, int single, (int Reduced, int Outputs) three, (int Reduced, int Outputs) twice, int pooled, bool largest = false) => new(
        Unit($"inception_{name}_1x1", inputs, single, 1),
        Three(name, inputs, three, stride: 1),
        Twice(name, inputs, twice, stride: 1),
        new Sequential(
            new FunctionLayer(map => largest ? map.MaxPool2d(3, 1, padding: 1) : map.AveragePool2d(3, 1, padding: 1)),
            Unit($"inception_{name}_pool_proj", inputs, pooled, 1)));

    /// <summary>1x1, 3x3 | 1x1, 3x3, 3x3 | largest of 3x3: the last step of each has the stride, and the pool adds its inputs to the outputs.</summary>
    private Branches Reduction(string name, int inputs, (int Reduced, int Outputs) three, (int Reduced, int Outputs) twice, int stride) => new(
        Three(name, inputs, three, stride),
        Twice(name, inputs, twice, stride),
        new FunctionLayer(map => stride == 2 ? Halve(map) : map.MaxPool2d(3, 1, padding: 1)));

    private Sequential Three(string name, int inputs, (int Reduced, int Outputs) channels, int stride) => new(
        Unit($"inception_{name}_3x3_reduce", inputs, channels.Reduced, 1),
        Unit($"inception_{name}_3x3", channels.Reduced, channels.Outputs, 3, stride));

    private Sequential Twice(string name, int inputs, (int Reduced, int Outputs) channels, int stride) => new(
        Unit($"inception_{name}_double_3x3_reduce", inputs, channels.Reduced, 1),
        Unit($"inception_{name}_double_3x3_1", channels.Reduced, channels.Outputs, 3),
        Unit($"inception_{name}_double_3x3_2", channels.Outputs, channels.Outputs, 3, stride));

    /// <summary>Convolution, normalisation, ReLU. Weights belong to the network itself, under the flat names of the public files; what joins them has none.</summary>
    private Sequential Unit(string name, int inputs, int outputs, int kernel, int stride = 1) => new(
        Add(name, new Conv2d(inputs, outputs, kernel, stride, padding: kernel / 2)),
        Add($"{name}_bn", new BatchNorm2d(outputs)),
        new FunctionLayer(map => map.Relu_()));
}

/// <summary><see cref="BnInception"/>.</summary>
/// <param name="LastStride">Which halving of the map is left out.</param>
public sealed record BnInceptionSpec(LastStride LastStride = LastStride.Kept) : ConvolutionalSpec
{
    /// <summary>Blocks 3c and 4e join padded convolutions with a pool without padding: the two agree where a map halves evenly, and each halving there doubles the step.</summary>
    private int Step => LastStride == LastStride.Kept ? 32 : 16;

    public override IEnumerable<string> Problems(ImageShape input)
    {
        foreach (string problem in base.Problems(input)) yield return problem;
        if (!Fits(input.Height) || !Fits(input.Width))
            yield return $"type: bnInception needs sides of {Step - 1} to {Step + 6} pixels or a multiple of {Step} more, where maps halve evenly; got {input.Height}x{input.Width}";
    }

    public override ConvolutionalNet BuildNet(int channels) => new BnInception(channels, LastStride);

    private bool Fits(int side) => side >= Step - 1 && (side + 1) % Step < 8;
}
