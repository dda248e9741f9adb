using Tern.Codes;
using Tern.Evaluation;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Fitting;

/// <summary>
/// How good a network's codes are, for choosing an epoch: held-back pictures ask, some of the learned ones answer, as in the index that a run ends with. A network that
/// is still unsure of what it learned is judged to be so, which held-back pictures among themselves would not show (docs/decisions/0010). Where whole classes are held
/// back, there is nothing of them among the learned ones, and the held-back pictures ask one another, as the test pictures will (docs/decisions/0011).
/// </summary>
/// <param name="queries">Held-back pictures.</param>
/// <param name="gallery">Learned ones; null: the held-back pictures themselves, each left out of its own ranking.</param>
public sealed class Validation(PixelStore queries, PixelStore? gallery, PixelNormalization normalization, Precision precision, int threads)
{
    /// <summary>Expected mAP over ties.</summary>
    public double MeanAveragePrecision(HashingNetwork network, CancellationToken cancellation)
    {
        LabelledCodes asking = Codes(network, queries, cancellation), answering = gallery is null ? asking : Codes(network, gallery, cancellation);
        return Retrieval.Evaluate(asking, answering, new RetrievalOptions { ExcludeSelf = gallery is null, Threads = threads }, cancellation).MeanAveragePrecision;
    }

    private LabelledCodes Codes(HashingNetwork network, PixelStore store, CancellationToken cancellation)
    {
        var hash = new List<float>();
        NetworkRunner.RunAll(network, store, normalization, precision, cancellation, (_, output) => hash.AddRange(output.Hash.ToArray<float>()));
        if (hash.Exists(value => !float.IsFinite(value))) throw new TernException("the network's codes are no longer numbers: lower optimizer.learningRate, or train in float32");
        return new LabelledCodes(PackedCodes.FromSigns(hash.ToArray(), network.Bits), store.Labels);
    }
}
