using System.Text.Json.Serialization;
using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>A plain network of five convolutions without padding, with residual blocks between them, and a fully connected embedding: no normalisation, a PReLU behind each convolution.</summary>
/// <remarks>
/// The "Face-ResNet" of Wen, Zhang, Li and Qiao, ECCV 2016 (center loss), as in the authors' face_deploy.prototxt, and very likely the 27-layer teacher of Wang et al.
/// ICIP 2018. With blocks 1, 2, 5, 3 it has 27 convolutions; without blocks it is the student of 5. At 112x96x3 with an embedding of 512: 27.53 million weights and 2.11
/// billion multiply-adds; 6.81 million and 0.60 billion without blocks. Departures: all widths but the embedding's can be scaled; how weights start is ours:
/// convolutions by He's rule with fan-in, which keeps the size of what goes forward although all five have more outputs than inputs (fan-out would halve its square at
/// each of four and leave a thirtieth of it at the first); residual convolutions from N(0, 0.01^2), so that the deep network starts near the one of five; the last layer
/// as PyTorch's.
/// </remarks>
public sealed class FaceResNet : Layer
{
    /// <summary>Stages: each an unpadded convolution, a pool and residual blocks.</summary>
    public const int Stages = 4;

    /// <summary>The smallest side of a picture of which a map is left.</summary>
    public const int SmallestSide = 33;

    private const double BranchDeviation = 0.01;
    private const int StemWidth = 32, FirstWidth = 64;

    private readonly Conv2d conv1a;
    private readonly PRelu prelu1a;
    private readonly FaceStage[] stages = new FaceStage[Stages];
    private readonly Linear fc5;

    /// <param name="input">Of the pictures; no side below <see cref="SmallestSide"/>.</param>
    /// <param name="width">Factor on the channels of every convolution, 32, 64, 128, 256 and 512.</param>
    /// <param name="residualBlocks">Of each stage.</param>
    /// <param name="embedding">Width of the embedding.</param>
    public FaceResNet(ImageShape input, double width, IReadOnlyList<int> residualBlocks, int embedding)
    {
        int Scaled(int channels) => Math.Max(1, (int)Math.Round(channels * width));
        int inputs = Scaled(StemWidth), height = input.Height - 2, across = input.Width - 2;
        conv1a = Add("conv1a", new Conv2d(input.Channels, inputs, 3));
        prelu1a = Add("prelu1a", new PRelu(inputs));
        for (int stage = 0; stage < Stages; stage++)
        {
            int outputs = Scaled(FirstWidth << stage);
            stages[stage] = Add($"stage{stage + 1}", new FaceStage(inputs, outputs, residualBlocks[stage]));
            (inputs, height, across) = (outputs, FaceStage.Pooled(height), FaceStage.Pooled(across));
        }
        fc5 = Add("fc5", new Linear(inputs * height * across, embedding));
        Initialization.HeNormal(this, fanIn: true);
        foreach (FaceStage stage in stages) stage.QuietenBranches(BranchDeviation);
    }

    protected override Tensor Forward(Tensor images)                          // [N, C, 112, 96]
    {
        Tensor x = prelu1a[conv1a[images]];                                   // [N, 32, 110, 94]
        foreach (FaceStage stage in stages) x = stage[x];                     // [N, 64, 54, 46], [N, 128, 26, 22], [N, 256, 12, 10], [N, 512, 5, 4]
        return fc5[x.Flatten()];                                              // [N, 512]
    }
}

/// <summary>An unpadded 3x3 convolution, PReLU, the largest of 2x2 (rounding sides up), residual blocks.</summary>
public sealed class FaceStage : Layer
{
    private readonly Conv2d conv;
    private readonly PRelu prelu;
    private readonly FaceBlock[] blocks;

    public FaceStage(int inputs, int outputs, int residualBlocks)
    {
        conv = Add("conv", new Conv2d(inputs, outputs, 3));
        prelu = Add("prelu", new PRelu(outputs));
        blocks = [.. Enumerable.Range(0, residualBlocks).Select(i => Add($"blocks.{i}", new FaceBlock(outputs)))];
    }

    /// <summary>What is left of a side.</summary>
    internal static int Pooled(int side) => (side - 2 + 1) / 2;

    /// <summary>Draws the weights of residual branches from N(0, deviation^2).</summary>
    internal void QuietenBranches(double deviation)
    {
        using var noGrad = new NoGrad();
        foreach (Conv2d layer in blocks.SelectMany(block => block.Children.Values).OfType<Conv2d>()) layer.Weight.Normal_(0, deviation);
    }

    protected override Tensor Forward(Tensor input)                           // [N, I, H, W]
    {
        Tensor x = prelu[conv[input]].MaxPool2d(2, 2, ceiling: true);         // [N, O, (H-2)/2, (W-2)/2]
        return blocks.Aggregate(x, (map, block) => block[map]);
    }
}

/// <summary>x + prelu2(conv2(prelu1(conv1(x)))): nothing behind the sum.</summary>
public sealed class FaceBlock : Layer
{
    private readonly Conv2d conv1, conv2;
    private readonly PRelu prelu1, prelu2;

    public FaceBlock(int channels)
    {
        conv1 = Add("conv1", new Conv2d(channels, channels, 3, padding: 1));
        prelu1 = Add("prelu1", new PRelu(channels));
        conv2 = Add("conv2", new Conv2d(channels, channels, 3, padding: 1));
        prelu2 = Add("prelu2", new PRelu(channels));
    }

    protected override Tensor Forward(Tensor input) => prelu2[conv2[prelu1[conv1[input]]]].Add_(input);
}

/// <summary><see cref="FaceResNet"/>.</summary>
/// <param name="Width">Factor on the channels of every convolution; with all residual blocks and a width that costs no more than the network of 5 at width 1, a "thinner, deeper" one.</param>
/// <param name="ResidualBlocks">Of each of the four stages; none means 1, 2, 5, 3, which makes 27 convolutions. All 0 makes the network of 5.</param>
/// <param name="Embedding">Width of the embedding, what a hint compares.</param>
public sealed record FaceResNetSpec(
    double Width = 1, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int[]? ResidualBlocks = null, int Embedding = 512) : ModelSpec, IScaledModel
{
    private const double LargestWidth = 4;
    private const int MostBlocks = 50, LargestEmbedding = 4096;
    private static readonly int[] Published = [1, 2, 5, 3];

    public override string[] FullyConnected => ["backbone.fc5", "hash"];

    public override bool TakesAnySize => false;

    int IScaledModel.WidthSteps => 100;

    ModelSpec IScaledModel.WithWidth(double width) => this with { Width = width };

    public override IEnumerable<string> Problems(ImageShape input)
    {
        if (!(Width > 0 && Width <= LargestWidth)) yield return $"width: must be above 0 and at most {LargestWidth}, a factor; got {Width}";
        if (ResidualBlocks is { } blocks && (blocks.Length != FaceResNet.Stages || blocks.Any(count => count is < 0 or > MostBlocks)))
            yield return $"residualBlocks: must be {FaceResNet.Stages} numbers in 0..{MostBlocks}; got [{string.Join(", ", blocks)}]";
        if (Embedding is < 1 or > LargestEmbedding) yield return $"embedding: must lie in 1..{LargestEmbedding}; got {Embedding}";
        if (Math.Min(input.Height, input.Width) < FaceResNet.SmallestSide)
            yield return $"type: faceResNet needs pictures of at least {FaceResNet.SmallestSide}x{FaceResNet.SmallestSide}; got {input.Height}x{input.Width}";
    }

    protected override (Layer Backbone, int Features) BuildBackbone(ImageShape input) =>
        (new FaceResNet(input, Width, ResidualBlocks ?? Published, Embedding), Embedding);
}
