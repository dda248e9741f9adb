using System.Text.Json.Serialization;
using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>A plain network for small pictures that learns in few epochs: a stem that decorrelates its patches, three blocks of two convolutions, the largest value of each map.</summary>
/// <remarks>
/// Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single GPU" (arXiv 2404.00498), network airbench94: 2x2 stem, widths 64, 256, 256, convolutions that start as the
/// identity. Departures: the stem starts from the whitening transform of natural pictures in general (below) where the paper computes it from its training
/// pictures, and is trained; ReLU for GELU; batch-norm scales are trained; the tricks of the paper's training loop are not here. Of its views of a picture at test time
/// there are two, the picture and its mirror image, and what is averaged is the embedding.
/// </remarks>
public sealed class AirbenchNet : Layer
{
    private readonly Conv2d stem;
    private readonly Sequential blocks;
    private readonly bool mirror;

    /// <param name="channels">1 or 3.</param>
    /// <param name="widths">Channels of the three blocks.</param>
    /// <param name="mirror">Whether a trained network looks at the mirror image too, at twice the cost.</param>
    public AirbenchNet(int channels, IReadOnlyList<int> widths, bool mirror = false)
    {
        this.mirror = mirror;
        stem = Add("stem", WhiteningStem(channels));
        int inputs = StemWidth(channels);
        blocks = Add("blocks", new Sequential([.. widths.Select(outputs =>
        {
            var block = new AirbenchBlock(inputs, outputs);
            inputs = outputs;
            return block;
        })]));
        Features = inputs;
    }

    /// <summary>Width of the embedding: that of the last block.</summary>
    public int Features { get; }

    protected override Tensor Forward(Tensor images) => mirror && !Training     // [N, C, S, S], of any side from 16 on
        ? (View(images) + View(images.Flip(3))) * 0.5
        : View(images);                                                       // [N, w3]

    private Tensor View(Tensor images)
    {
        Tensor x = stem[images].Relu_();                                      // [N, 8C, S-1, S-1]
        x = blocks[x];                                                        // [N, w3, (S-1)/8, (S-1)/8], rounded down
        int side = (int)x.Shape[2];
        return x.MaxPool2d(side, side).Flatten();                             // [N, w3]
    }

    /// <summary>Channels of the stem.</summary>
    internal static int StemWidth(int channels) => 2 * 4 * channels;

    /// <summary>The stem: [N, C, S, S] to [N, 8C, S-1, S-1].</summary>
    internal static Conv2d WhiteningStem(int channels)
    {
        var stem = new Conv2d(channels, StemWidth(channels), 2);
        Whiten(stem.Weight, channels);
        return stem;
    }

    /// <summary>
    /// Filters [8C, C, 2, 2]: mean, vertical, horizontal and diagonal difference of brightness, of yellow against blue and of red against green, each divided by its usual
    /// deviation in normalised photographs, and the negative of each. These directions are close to the principal components of 2x2 patches (Ruderman et al. 1998).
    /// </summary>
    private static void Whiten(Tensor weight, int channels)
    {
        const float Floor = 0.1f;                                             // weaker directions are mostly noise: leave them small
        float[][] patterns = [[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]];
        float[][] colours = channels == 1 ? [[1]] : [[0.577f, 0.577f, 0.577f], [0.707f, 0, -0.707f], [0.408f, -0.816f, 0.408f]];
        float[][] deviations = [[3.2f, 0.63f, 0.59f, 0.23f], [0.87f, Floor, Floor, Floor], [0.41f, Floor, Floor, Floor]];
        float[] half =
        [
            .. from c in Enumerable.Range(0, colours.Length) from p in Enumerable.Range(0, patterns.Length)
               from colour in colours[c] from pixel in patterns[p]
               select colour * pixel / 2 / deviations[c][p],
        ];
        using var noGrad = new NoGrad();
        weight.Copy_(Tensor.From([.. half, .. half.Select(value => -value)], weight.Shape));
    }
}

/// <summary>Convolution, halving, normalisation, ReLU; convolution, normalisation, ReLU.</summary>
public sealed class AirbenchBlock : Layer
{
    private readonly Conv2d conv1, conv2;
    private readonly BatchNorm2d norm1, norm2;

    public AirbenchBlock(int inputs, int outputs)
    {
        conv1 = Add("conv1", new Conv2d(inputs, outputs, 3, padding: 1, bias: false));
        norm1 = Add("norm1", new BatchNorm2d(outputs));
        conv2 = Add("conv2", new Conv2d(outputs, outputs, 3, padding: 1, bias: false));
        norm2 = Add("norm2", new BatchNorm2d(outputs));
        Initialization.PartialIdentity(conv1.Weight);
        Initialization.PartialIdentity(conv2.Weight);
    }

    protected override Tensor Forward(Tensor input)                           // [N, I, H, W]
    {
        Tensor x = norm1[conv1[input].MaxPool2d(2, 2)].Relu_();               // [N, O, H/2, W/2]
        return norm2[conv2[x]].Relu_();                                       // [N, O, H/2, W/2]
    }
}

/// <summary><see cref="AirbenchNet"/>.</summary>
/// <param name="Widths">Channels of the three blocks; none means 64, 256, 256.</param>
/// <param name="Mirror">Whether the trained network averages what it says of a picture and of its mirror image.</param>
public sealed record AirbenchSpec(int[]? Widths = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Mirror = false) : ModelSpec
{
    public override IEnumerable<string> Problems(ImageShape input)
    {
        if (input.Height != input.Width || input.Height < 16) yield return $"type: this network needs square pictures of at least 16x16; got {input.Height}x{input.Width}";
        if (Widths is { } widths && (widths.Length != 3 || widths.Any(width => width is < 1 or > 4096))) yield return $"widths: must be three numbers in 1..4096; got {string.Join(", ", widths)}";
    }

    protected override (Layer Backbone, int Features) BuildBackbone(ImageShape input)
    {
        var backbone = new AirbenchNet(input.Channels, Widths ?? [64, 256, 256], Mirror);
        return (backbone, backbone.Features);
    }
}
