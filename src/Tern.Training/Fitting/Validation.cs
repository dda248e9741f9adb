using Tern.Codes;
using Tern.Evaluation;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Fitting;

/// <summary>How good a network's codes are on pictures it does not learn from: mAP of each against all the others.</summary>
public sealed class Validation(PixelStore store, PixelNormalization normalization, Precision precision, int threads)
{
    /// <summary>Expected mAP over ties, each validation picture asking among the rest.</summary>
    public double MeanAveragePrecision(HashingNetwork network, CancellationToken cancellation)
    {
        var hash = new List<float>();
        NetworkRunner.RunAll(network, store, normalization, precision, cancellation, (_, output) => hash.AddRange(output.Hash.ToArray<float>()));
        if (hash.Exists(value => !float.IsFinite(value))) throw new TernException("the network's codes are no longer numbers: lower optimizer.learningRate, or train in float32");
        PackedCodes codes = PackedCodes.FromSigns(hash.ToArray(), network.Bits);
        var labelled = new LabelledCodes(codes, store.Labels);
        return Retrieval.Evaluate(labelled, labelled, new RetrievalOptions { ExcludeSelf = true, Threads = threads }, cancellation).MeanAveragePrecision;
    }
}
