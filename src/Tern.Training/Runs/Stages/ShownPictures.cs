using Tern.Codes;
using Tern.Evaluation;
using Tern.Imaging;
using Tern.Training.Data;
using Tern.Training.Protocols;
using Tern.Training.Recipes;
using Tern.Training.Reports;

namespace Tern.Training.Runs.Stages;

/// <summary>The pictures a report shows: queries spread evenly over those that ask, no row picked for its looks, and what is nearest to them.</summary>
internal sealed class ShownPictures(RunContext context, Roles roles)
{
    private const int MostOnMap = 2000;

    private readonly Labels labels = context.Data.Pictures.All;

    private EvaluationSpec Spec => context.Recipe.Evaluate!;

    /// <summary>The queries shown, by their numbers.</summary>
    public int[] Queries => Evenly.Choose(roles.Queries, Spec.Examples);

    /// <summary>Those who answer, by their numbers.</summary>
    public int[] Gallery => roles.Gallery;

    /// <summary>A row for each query, by Hamming distance.</summary>
    public IEnumerable<QueryRow> Rows(LabelledCodes codes)
    {
        PackedCodes gallery = codes.Select(roles.Gallery).Codes;
        return Queries.Select(query => new QueryRow(Picture(query), Answers(query,
            HammingScan.Nearest(gallery, codes.Codes[query], Spec.Neighbours + (roles.LeaveOneOut ? 1 : 0), null, context.Recipe.Cores).Select(found => ((int)found.Position, (double)found.Distance)))));
    }

    /// <summary>The same by the cosine of some dimensions of the embeddings.</summary>
    public IEnumerable<QueryRow> Rows(LabelledEmbeddings embeddings, int first, int count) =>
        Queries.Select(query => new QueryRow(Picture(query), Nearest(query, embeddings, first, count)));

    /// <summary>Pictures that answer, nearest first, by the cosine of some dimensions of the embeddings.</summary>
    public Neighbour[] Nearest(int query, LabelledEmbeddings embeddings, int first, int count)
    {
        ReadOnlySpan<float> Part(int picture) => embeddings.Values.Span.Slice(picture * embeddings.Dimensions + first, count);
        var distances = new double[roles.Gallery.Length];
        for (int i = 0; i < distances.Length; i++) distances[i] = 1 - Cosine(Part(query), Part(roles.Gallery[i]));
        return Nearest(query, distances);
    }

    /// <summary>Pictures that answer, nearest first, by the distance of each from the query.</summary>
    public Neighbour[] Nearest(int query, double[] distances) =>
        Answers(query, Enumerable.Range(0, distances.Length).OrderBy(i => distances[i]).Select(i => (i, distances[i])));

    /// <summary>Those who answer along their two principal axes; at most 2,000 of them, evenly.</summary>
    public GalleryMap Map(LabelledEmbeddings embeddings)
    {
        int[] pictures = Evenly.Choose(roles.Gallery, MostOnMap);
        LabelledEmbeddings some = embeddings.Select(pictures);
        ((double X, double Y)[] points, double x, double y) = PrincipalAxes.Of(some.Values, some.Dimensions);
        return new GalleryMap([.. points.Zip(pictures, (at, picture) => new MapPoint(at.X, at.Y, labels.Of(picture).First(), Label(picture)))], x, y);
    }

    /// <summary>A picture as it was given to the networks.</summary>
    public ReportPicture Picture(int picture)
    {
        (PixelStore store, int index) = context.Data.Find(picture);
        return new ReportPicture(PngWriter.Encode(Pixels(picture)), Label(picture), store.Names[index]);
    }

    /// <summary>Its pixels.</summary>
    public Picture Pixels(int picture)
    {
        (PixelStore store, int index) = context.Data.Find(picture);
        return new Picture(store.Shape.Width, store.Shape.Height, store.Shape.Channels, store[index].ToArray());
    }

    private string Label(int picture)
    {
        (PixelStore store, int index) = context.Data.Find(picture);
        return store.Labels.Text(index, store.Classes);
    }

    private Neighbour[] Answers(int query, IEnumerable<(int Place, double Distance)> nearest) =>
        [.. nearest.Select(found => (Answer: roles.Gallery[found.Place], found.Distance)).Where(found => !roles.LeaveOneOut || found.Answer != query).Take(Spec.Neighbours)
            .Select(found => new Neighbour(Picture(found.Answer), found.Distance, labels.IsRelevant(query, labels, found.Answer)))];

    private static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        Product(a, b) / Math.Max(1e-12, Math.Sqrt(Product(a, a) * Product(b, b)));

    private static double Product(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => RowPairs.One<RowPairs.Product>(a, b);
}
