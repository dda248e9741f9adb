using Tern.Evaluation;
using Tern.Imaging;
using Tern.Torch;
using Tern.Training.Data;
using Tern.Training.Descriptors;
using Tern.Training.Fitting;
using Tern.Training.Models;
using Tern.Training.Reports;

namespace Tern.Training.Runs.Stages;

/// <summary>Queries as each descriptor of a network sees them.</summary>
internal static class DescribedPictures
{
    private const int Most = 6;

    /// <summary>The first few of the queries shown. A descriptor finds by its own part of the embedding; where it has none, it describes the whole gallery once more.</summary>
    public static IEnumerable<DescribedQuery> Of(RunContext context, NetworkRole role, CgdSpec spec, LabelledEmbeddings embeddings, ShownPictures shown)
    {
        int[] queries = [.. shown.Queries.Take(Most)];
        if (queries.Length == 0) yield break;
        using var scope = new TensorScope();
        var network = (CombinedDescriptors)TrainedNetwork.Load(context, role).Backbone;
        double[][][]? alone = spec.HasParts ? null : DescriptorsAlone.Distances(network, queries, shown.Gallery, pictures => Input(context, pictures), context.Cancellation);
        int each = spec.Dimension / spec.Descriptors.Length;
        foreach ((int q, int query) in queries.Index())
        {
            context.Cancellation.ThrowIfCancellationRequested();
            IEnumerable<DescriptorRow> rows = Saliency.Of(network, Input(context, [query])).Select((looked, i) => new DescriptorRow(
                CgdSpec.NameOf(spec.Descriptors[i]), Under(looked, query, shown), alone is null ? shown.Nearest(query, embeddings, i * each, each) : shown.Nearest(query, alone[i][q])));
            yield return new DescribedQuery(shown.Picture(query), [.. rows, new DescriptorRow("combined", null, shown.Nearest(query, embeddings, 0, embeddings.Dimensions))]);
        }
    }

    /// <summary>[N, C, H, W], normalised.</summary>
    private static Tensor Input(RunContext context, int[] pictures)
    {
        ImageShape shape = context.Recipe.Data.Shape;
        var pixels = new float[pictures.Length * shape.Bytes];
        for (int i = 0; i < pictures.Length; i++)
        {
            (PixelStore store, int index) = context.Data.Find(pictures[i]);
            context.Normalization.Apply(store[index], pixels.AsSpan(i * shape.Bytes, shape.Bytes));
        }
        return NetworkRunner.ToTensor(new Batch(pixels, [], null, pictures), shape);
    }

    private static ReportPicture Under(Saliency looked, int query, ShownPictures shown) =>
        shown.Picture(query) with { Png = PngWriter.Encode(HeatOverlay.Paint(shown.Pixels(query), looked.Shares, looked.Width, looked.Height)) };
}
