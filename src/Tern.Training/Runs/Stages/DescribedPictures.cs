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

    /// <summary>The first few of the queries shown. Descriptors side by side each have their own part of the embedding and find by it alone; added or reduced together they have none.</summary>
    public static IEnumerable<DescribedQuery> Of(RunContext context, NetworkRole role, CgdSpec spec, LabelledEmbeddings embeddings, ShownPictures shown)
    {
        using var scope = new TensorScope();
        var network = (CombinedDescriptors)TrainedNetwork.Load(context, role).Backbone;
        int each = spec.HasParts ? spec.Dimension / spec.Descriptors.Length : 0;
        foreach (int query in shown.Queries.Take(Most))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            Saliency[] saliency = Saliency.Of(network, Input(context, query));
            IEnumerable<DescriptorRow> rows = saliency.Select((looked, i) => new DescriptorRow(
                CgdSpec.NameOf(spec.Descriptors[i]), Under(looked, query, shown), each == 0 ? [] : shown.Nearest(query, embeddings, i * each, each)));
            yield return new DescribedQuery(shown.Picture(query), [.. rows, new DescriptorRow("combined", null, shown.Nearest(query, embeddings, 0, embeddings.Dimensions))]);
        }
    }

    /// <summary>[1, C, H, W], normalised.</summary>
    private static Tensor Input(RunContext context, int picture)
    {
        (PixelStore store, int index) = context.Data.Find(picture);
        Batch batch = new BatchLoader(store.Select([index]), context.Normalization, 1, seed: 0).All().First();
        return NetworkRunner.ToTensor(batch, store.Shape);
    }

    private static ReportPicture Under(Saliency looked, int query, ShownPictures shown) =>
        shown.Picture(query) with { Png = PngWriter.Encode(HeatOverlay.Paint(shown.Pixels(query), looked.Shares, looked.Width, looked.Height)) };
}
