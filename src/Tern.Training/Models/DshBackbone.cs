using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>What stands after each convolution of the DSH network.</summary>
public enum Normalization
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Local response normalisation within channels after the first two pools, as published.</summary>
    Local,

    /// <summary>Batch normalisation after each convolution: a departure that trains in a tenth of the time.</summary>
    Batch,
}

/// <summary>The small network of Deep Supervised Hashing: three convolutions and a fully connected layer of 500.</summary>
/// <remarks>
/// Liu, Wang, Shan and Chen, CVPR 2016, as in the authors' Caffe prototxt: conv 5x5/32, max pool 3/2, ReLU, LRN; conv 5x5/32, average pool 3/2, ReLU, LRN;
/// conv 5x5/64, ReLU, average pool 3/2; fc 500, ReLU. Pools round up, so 32x32 ends at 4x4x64 = 1,024 and 64x64 at 8x8x64 = 4,096.
/// Weights start as Caffe's xavier and biases at 0. Departures: where <see cref="Normalization.Batch"/> is asked for, that, and PyTorch's start.
/// </remarks>
public sealed class DshBackbone : Layer
{
    /// <summary>Width of the embedding.</summary>
    public const int Features = 500;

    private readonly Conv2d conv1, conv2, conv3;
    private readonly BatchNorm2d? bn1, bn2, bn3;
    private readonly Linear fc1;
    private readonly Normalization normalization;

    /// <param name="channels">1 or 3.</param>
    /// <param name="height">Picture height.</param>
    /// <param name="width">Picture width.</param>
    /// <param name="normalization">What follows each convolution.</param>
    public DshBackbone(int channels, int height, int width, Normalization normalization)
    {
        this.normalization = normalization;
        bool batch = normalization == Normalization.Batch;
        conv1 = Add("conv1", new Conv2d(channels, 32, 5, padding: 2, bias: !batch));
        conv2 = Add("conv2", new Conv2d(32, 32, 5, padding: 2, bias: !batch));
        conv3 = Add("conv3", new Conv2d(32, 64, 5, padding: 2, bias: !batch));
        if (batch)
        {
            bn1 = Add("bn1", new BatchNorm2d(32));
            bn2 = Add("bn2", new BatchNorm2d(32));
            bn3 = Add("bn3", new BatchNorm2d(64));
        }
        fc1 = Add("fc1", new Linear(64 * Pooled(height) * Pooled(width), Features));
    }

    /// <summary>A side after three pools that round up.</summary>
    private static int Pooled(int side) => Half(Half(Half(side)));

    private static int Half(int side) => (side - 3 + 1) / 2 + 1;

    protected override Tensor Forward(Tensor images)                                                            // [N, C, 32, 32]
    {
        Tensor x = Local(Normalize(conv1[images], bn1).MaxPool2d(3, 2, ceiling: true).Relu_());                 // [N, 32, 16, 16]
        x = Local(Normalize(conv2[x], bn2).AveragePool2d(3, 2, ceiling: true).Relu_());                         // [N, 32, 8, 8]
        x = Normalize(conv3[x], bn3).Relu_().AveragePool2d(3, 2, ceiling: true);                                // [N, 64, 4, 4]
        return fc1[x.Flatten()].Relu_();                                                                        // [N, 500]
    }

    private static Tensor Normalize(Tensor x, BatchNorm2d? norm) => norm is null ? x : norm[x];

    private Tensor Local(Tensor x) => normalization == Normalization.Local ? LocalResponse(x) : x;

    /// <summary>x / (1 + alpha mean of x^2 over 3x3)^beta, alpha 5e-5, beta 0.75: Caffe's WITHIN_CHANNEL. Beyond the edge x is 0, and counts.</summary>
    internal static Tensor LocalResponse(Tensor x) => x / ((x * x).AveragePool2d(3, 1, padding: 1) * 5e-5 + 1).Pow(0.75);
}

/// <summary><see cref="DshBackbone"/>.</summary>
public sealed record DshSpec(Normalization Normalization = Normalization.Batch) : ModelSpec
{
    public override string[] FullyConnected => ["backbone.fc1", "hash"];

    public override bool TakesAnySize => false;

    public override IEnumerable<string> Problems(ImageShape input)
    {
        if (Math.Min(input.Height, input.Width) < 16) yield return $"type: the DSH network needs pictures of at least 16x16; got {input.Height}x{input.Width}";
    }

    public override HashingNetwork Build(ImageShape input, int bits, int classes)
    {
        HashingNetwork network = base.Build(input, bits, classes);
        if (Normalization != Normalization.Batch) Initialization.Xavier(network);
        return network;
    }

    protected override (Layer Backbone, int Features) BuildBackbone(ImageShape input) =>
        (new DshBackbone(input.Channels, input.Height, input.Width, Normalization), DshBackbone.Features);
}
