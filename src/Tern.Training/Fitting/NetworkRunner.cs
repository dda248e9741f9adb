using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Fitting;

/// <summary>Feeds pictures to a network.</summary>
public static class NetworkRunner
{
    private const int MostPictures = 500, MostPixels = 4 << 20; // 83 pictures of 224x224: the widest maps of MobileNet-v2 take 400 MB

    /// <summary>A batch of [N, H, W, C] floats as the network takes it: [N, C, H, W], channels last in memory, no copy.</summary>
    public static Tensor ToTensor(Batch batch, ImageShape shape) =>
        Tensor.From(batch.Pixels, batch.Indices.Length, shape.Height, shape.Width, shape.Channels).Permute(0, 3, 1, 2);

    /// <summary>Runs a batch in the given precision; the output is float32.</summary>
    public static NetworkOutput Run(HashingNetwork network, Tensor images, Precision precision) => Run(network.Run, images, precision);

    /// <summary>The same, with what layers inside put out.</summary>
    public static NetworkOutput Run(Taps network, Tensor images, Precision precision) => Run(network.Run, images, precision);

    private static NetworkOutput Run(Func<Tensor, NetworkOutput> network, Tensor images, Precision precision)
    {
        NetworkOutput output;
        using (precision.Open()) output = network(images);
        return output with
        {
            Embedding = output.Embedding.To(DType.Float32),
            Hash = output.Hash.To(DType.Float32),
            Logits = output.Logits.To(DType.Float32),
            Inside = output.Inside?.ToDictionary(named => named.Key, named => named.Value.To(DType.Float32)),
        };
    }

    /// <summary>Runs every picture once, as in use; <paramref name="take"/> gets each batch's output and must copy what it keeps.</summary>
    public static void RunAll(HashingNetwork network, PixelStore store, PixelNormalization normalization, Precision precision, CancellationToken cancellation, Action<Batch, NetworkOutput> take)
    {
        bool training = network.Training;
        network.Train(false);
        using var noGrad = new NoGrad();
        int size = Math.Clamp(MostPixels / (store.Shape.Height * store.Shape.Width), 1, MostPictures);
        foreach (Batch batch in new BatchLoader(store, normalization, size, seed: 0).All())
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            take(batch, Run(network, ToTensor(batch, store.Shape), precision));
        }
        network.Train(training);
    }
}
