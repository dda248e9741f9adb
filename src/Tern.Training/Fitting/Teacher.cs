using Tern.Torch;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Fitting;

/// <summary>Shows what it thinks of a batch.</summary>
public interface ITeacher
{
    /// <summary>The output for a batch; <paramref name="images"/> is the view the student sees.</summary>
    NetworkOutput Show(Batch batch, Tensor images);
}

/// <summary>Looks at the student's own view of each picture, augmentation included: the standard of distillation, at the cost of a forward pass a step.</summary>
public sealed class LiveTeacher : ITeacher
{
    private readonly HashingNetwork network;
    private readonly Precision precision;

    public LiveTeacher(HashingNetwork network, Precision precision)
    {
        (this.network, this.precision) = (network, precision);
        network.Train(false);
    }

    public NetworkOutput Show(Batch batch, Tensor images)
    {
        using var noGrad = new NoGrad();
        return NetworkRunner.Run(network, images, precision);
    }
}

/// <summary>Has looked at each picture once, as it is, and remembers: the teacher costs one pass in all.</summary>
public sealed class CachedTeacher : ITeacher, IDisposable
{
    private readonly Tensor embedding, hash, logits;

    /// <summary>Runs the teacher over the training pictures, in their order.</summary>
    public CachedTeacher(HashingNetwork network, PixelStore store, PixelNormalization normalization, Precision precision, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        var parts = new List<NetworkOutput>();
        NetworkRunner.RunAll(network, store, normalization, precision, cancellation, (_, output) =>
            parts.Add(new NetworkOutput(Copy(output.Embedding), Copy(output.Hash), Copy(output.Logits))));
        embedding = scope.Keep(Tensor.Concatenate([.. parts.Select(part => part.Embedding)]));
        hash = scope.Keep(Tensor.Concatenate([.. parts.Select(part => part.Hash)]));
        logits = scope.Keep(Tensor.Concatenate([.. parts.Select(part => part.Logits)]));
        foreach (NetworkOutput part in parts)
            foreach (Tensor tensor in new[] { part.Embedding, part.Hash, part.Logits }) tensor.Dispose();
    }

    public NetworkOutput Show(Batch batch, Tensor images)
    {
        Tensor index = Tensor.From(Array.ConvertAll(batch.Indices, i => (long)i));
        return new NetworkOutput(embedding.IndexSelect(0, index), hash.IndexSelect(0, index), logits.IndexSelect(0, index));
    }

    public void Dispose()
    {
        embedding.Dispose();
        hash.Dispose();
        logits.Dispose();
    }

    /// <summary>A copy that outlives the batch's scope.</summary>
    private static Tensor Copy(Tensor tensor)
    {
        Tensor copy = tensor.Clone();
        copy.Unscope();
        return copy;
    }
}
