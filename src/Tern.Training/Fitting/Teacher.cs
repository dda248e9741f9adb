using Tern.Torch;
using Tern.Torch.Weights;
using Tern.Training.Data;
using Tern.Training.Losses;
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
    private readonly Taps network;
    private readonly Precision precision;

    /// <param name="precision">What it runs in.</param>
    /// <param name="objective">The student's, whose terms may look at layers inside.</param>
    public LiveTeacher(HashingNetwork network, Precision precision, IEnumerable<Loss>? objective = null)
    {
        (this.network, this.precision) = (new Taps(network, (objective ?? []).Select(loss => loss.LearnsFrom).OfType<string>(), "teacher"), precision);
        network.Train(false);
    }

    public NetworkOutput Show(Batch batch, Tensor images)
    {
        using var noGrad = new NoGrad();
        return NetworkRunner.Run(network, images, precision);
    }
}

/// <summary>Has looked at each picture once, as it is, and remembers: the teacher costs one pass in all, kept in a file for every network it teaches.</summary>
public sealed class CachedTeacher : ITeacher, IDisposable
{
    private const string Embedding = "embedding", Hash = "hash", Logits = "logits", Inputs = "inputs";

    private readonly IReadOnlyDictionary<string, Tensor> shown;

    private CachedTeacher(IReadOnlyDictionary<string, Tensor> shown) => this.shown = shown;

    /// <summary>
    /// Reads what the teacher has shown from <paramref name="path"/>, or when it is not there or was made from other <paramref name="inputs"/>, runs the teacher
    /// over the training pictures and writes it.
    /// </summary>
    public static CachedTeacher Open(
        string path, string inputs, Func<HashingNetwork> network, PixelStore store, PixelNormalization normalization, Precision precision, CancellationToken cancellation)
    {
        if (File.Exists(path) && Read(path, inputs) is { } kept) return new CachedTeacher(kept);
        IReadOnlyDictionary<string, Tensor> shown = Run(network(), store, normalization, precision, cancellation);
        AtomicFile.Write(path, stream => SafetensorsFile.Write(stream, shown, new Dictionary<string, string> { [Inputs] = inputs }));
        return new CachedTeacher(shown);
    }

    public NetworkOutput Show(Batch batch, Tensor images)
    {
        Tensor index = Tensor.From(Array.ConvertAll(batch.Indices, i => (long)i));
        return new NetworkOutput(shown[Embedding].IndexSelect(0, index), shown[Hash].IndexSelect(0, index), shown[Logits].IndexSelect(0, index));
    }

    public void Dispose()
    {
        foreach (Tensor tensor in shown.Values) tensor.Dispose();
    }

    /// <summary>A cache is a cache: a damaged one is made again.</summary>
    private static IReadOnlyDictionary<string, Tensor>? Read(string path, string inputs)
    {
        try
        {
            SafetensorsContent content = SafetensorsFile.Read(path);
            return content.Metadata.GetValueOrDefault(Inputs) == inputs ? content.Tensors : null;
        }
        catch (WeightFileException)
        {
            return null;
        }
    }

    private static Dictionary<string, Tensor> Run(HashingNetwork network, PixelStore store, PixelNormalization normalization, Precision precision, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        var parts = new List<NetworkOutput>();
        NetworkRunner.RunAll(network, store, normalization, precision, cancellation, (_, output) =>
            parts.Add(new NetworkOutput(output.Embedding.Unscope(), output.Hash.Unscope(), output.Logits.Unscope())));
        Tensor Join(Func<NetworkOutput, Tensor> part)
        {
            Tensor[] all = [.. parts.Select(part)];
            Tensor joined = scope.Keep(Tensor.Concatenate(all));
            foreach (Tensor tensor in all) tensor.Dispose();
            return joined;
        }
        return new Dictionary<string, Tensor> { [Embedding] = Join(part => part.Embedding), [Hash] = Join(part => part.Hash), [Logits] = Join(part => part.Logits) };
    }
}
