using Tern.Codes;
using Tern.Evaluation;
using Tern.Torch;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Fitting;

/// <summary>
/// How good a network's codes or embeddings are, for choosing an epoch: held-back pictures ask, some of the learned ones answer, as in the index that a run ends with. A network that
/// is still unsure of what it learned is judged to be so, which held-back pictures among themselves would not show (docs/decisions/0010). Where whole classes are held
/// back, there is nothing of them among the learned ones, and the held-back pictures ask one another, as the test pictures will (docs/decisions/0011).
/// </summary>
/// <param name="queries">Held-back pictures.</param>
/// <param name="gallery">Learned ones; null: the held-back pictures themselves, each left out of its own ranking.</param>
/// <param name="searchBy">What pictures are to be found by.</param>
public sealed class Validation(PixelStore queries, PixelStore? gallery, PixelNormalization normalization, Precision precision, int threads, SearchBy searchBy = SearchBy.Code)
{
    /// <summary>Expected mAP over ties.</summary>
    public double MeanAveragePrecision(HashingNetwork network, CancellationToken cancellation)
    {
        var options = new RetrievalOptions { ExcludeSelf = gallery is null, Threads = threads };
        RetrievalScores scores = searchBy == SearchBy.Code
            ? Judge(store => Codes(network, store, cancellation), (asking, answering) => Retrieval.Evaluate(asking, answering, options, cancellation))
            : Judge(store => Embeddings(network, store, cancellation), (asking, answering) => Retrieval.Evaluate(asking, answering, EmbeddingDistance.Cosine, options, cancellation));
        return scores.MeanAveragePrecision;
    }

    private RetrievalScores Judge<T>(Func<PixelStore, T> read, Func<T, T, RetrievalScores> rank)
    {
        T asking = read(queries);
        return rank(asking, gallery is null ? asking : read(gallery));
    }

    private LabelledCodes Codes(HashingNetwork network, PixelStore store, CancellationToken cancellation) =>
        new(PackedCodes.FromSigns(Outputs(network, store, output => output.Hash, cancellation), network.Bits), store.Labels);

    private LabelledEmbeddings Embeddings(HashingNetwork network, PixelStore store, CancellationToken cancellation)
    {
        float[] values = Outputs(network, store, output => output.Embedding, cancellation);
        return new LabelledEmbeddings(values, values.Length / store.Count, store.Labels);
    }

    private float[] Outputs(HashingNetwork network, PixelStore store, Func<NetworkOutput, Tensor> part, CancellationToken cancellation)
    {
        float[] values = [];                                                                            // [store.Count * width]
        NetworkRunner.RunAll(network, store, normalization, precision, cancellation, (batch, output) =>
        {
            float[] rows = part(output).ToArray<float>();                                               // [N * width]
            int width = rows.Length / batch.Indices.Length;
            if (values.Length == 0) values = new float[checked(store.Count * width)];
            rows.CopyTo(values, batch.Indices[0] * width);                                              // pictures come in order
        });
        if (Array.Exists(values, value => !float.IsFinite(value))) throw new TernException("what the network says is no longer numbers: lower optimizer.learningRate, or train in float32");
        return values;
    }
}
