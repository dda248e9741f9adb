using Tern.Codes;
using Tern.Evaluation;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Fitting;

/// <summary>
/// How good a network's codes are, for choosing an epoch: held-back pictures ask, some of the learned ones answer, as in the index that a run ends with. A network that
/// is still unsure of what it learned is judged to be so, which held-back pictures among themselves would not show (docs/decisions/0010).
/// </summary>
public sealed class Validation(PixelStore queries, PixelStore gallery, PixelNormalization normalization, Precision precision, int threads)
{
    /// <summary>Expected mAP over ties.</summary>
    public double MeanAveragePrecision(HashingNetwork network, CancellationToken cancellation) => Retrieval.Evaluate(
        Codes(network, queries, cancellation), Codes(network, gallery, cancellation), new RetrievalOptions { Threads = threads }, cancellation).MeanAveragePrecision;

    private LabelledCodes Codes(HashingNetwork network, PixelStore store, CancellationToken cancellation)
    {
        var hash = new List<float>();
        NetworkRunner.RunAll(network, store, normalization, precision, cancellation, (_, output) => hash.AddRange(output.Hash.ToArray<float>()));
        if (hash.Exists(value => !float.IsFinite(value))) throw new TernException("the network's codes are no longer numbers: lower optimizer.learningRate, or train in float32");
        return new LabelledCodes(PackedCodes.FromSigns(hash.ToArray(), network.Bits), store.Labels);
    }
}
