using Tern.Evaluation;
using Tern.Training.Export;
using Tern.Training.Fitting;
using Tern.Training.Protocols;

namespace Tern.Training.Reports;

/// <summary>One network of a run, as the report shows it.</summary>
/// <param name="Name">teacher, student-plain, student or ternary.</param>
/// <param name="Parameters">Trained values.</param>
/// <param name="MultiplyAdds">Of convolutions and fully connected layers for one picture.</param>
/// <param name="Bytes">Size of model.onnx.</param>
/// <param name="MeanAveragePrecision">Of the first protocol of retrieval; null, like Recall@1, where there is none.</param>
/// <param name="EncodeMs">Median milliseconds to encode one picture alone, one thread, managed encoder.</param>
/// <param name="Model">Identity of the model file.</param>
/// <param name="Measurements">Every number with its protocol.</param>
/// <param name="Epochs">How training went.</param>
/// <param name="Bits">Health of the code, a row per bit.</param>
/// <param name="Correlation">[K * K] correlation of bits over the gallery, row-major; 0 where a bit never changes.</param>
/// <param name="Curve">Precision and recall within each Hamming radius.</param>
/// <param name="Queries">Query rows.</param>
public sealed record NetworkReport(
    string Name, long Parameters, long MultiplyAdds, long Bytes, double? MeanAveragePrecision, double? RecallAt1, double EncodeMs, string Model,
    IReadOnlyList<Measurement> Measurements, IReadOnlyList<EpochRecord> Epochs, IReadOnlyList<BitHealth> Bits, float[] Correlation,
    IReadOnlyList<RadiusScore> Curve, IReadOnlyList<QueryRow> Queries)
{
    /// <summary>What the model and its quantised layers cost on disk; null when nobody measured it.</summary>
    public ModelSize? Size { get; init; }

    /// <summary>D where pictures are found by the embedding, float32; null where by the code.</summary>
    public int? Dimensions { get; init; }

    /// <summary>What each descriptor looks at and finds; empty for networks that are not made of descriptors.</summary>
    public IReadOnlyList<DescribedQuery> Described { get; init; } = [];

    /// <summary>The gallery along its two principal axes; null where codes are ranked.</summary>
    public GalleryMap? Map { get; init; }

    /// <summary>What thresholds can do by the first protocol of pairs: by embeddings, then by codes; empty where none are judged.</summary>
    public IReadOnlyList<MeasuredRoc> Roc { get; init; } = [];

    /// <summary>The share of pairs told right by the first protocol of pairs, by codes or by embeddings; null where it was not measured.</summary>
    public double? AccuracyOfPairs(bool codes) => Measurements.FirstOrDefault(found => found.Metric == "accuracy" && (found.Bits is not null) == codes)?.Value;
}

/// <summary>How a bit of the code is used in the gallery.</summary>
/// <param name="Share">Share of codes that set it; 0.5 is balanced.</param>
/// <param name="Entropy">-p log2 p - (1 - p) log2(1 - p), in bits; 1 is best, 0 says nothing.</param>
public sealed record BitHealth(double Share, double Entropy);

/// <summary>A picture in the report: PNG bytes, its class, and where it is from.</summary>
public sealed record ReportPicture(byte[] Png, string Label, string Name);

/// <summary>A query and its nearest gallery pictures, nearest first.</summary>
public sealed record QueryRow(ReportPicture Query, IReadOnlyList<Neighbour> Neighbours);

/// <summary>A picture found, at which Hamming (or cosine) distance, and whether it has a class in common with the query.</summary>
public sealed record Neighbour(ReportPicture Picture, double Distance, bool Right);

/// <summary>A query as each descriptor sees it.</summary>
public sealed record DescribedQuery(ReportPicture Query, IReadOnlyList<DescriptorRow> Rows);

/// <summary>What one descriptor, or all combined, looks at in the query and finds by it.</summary>
/// <param name="Name">SPoC, MAC, GeM or combined.</param>
/// <param name="LooksAt">The query under a heat map; null for the combination.</param>
public sealed record DescriptorRow(string Name, ReportPicture? LooksAt, IReadOnlyList<Neighbour> Neighbours);

/// <summary>Gallery pictures on a sheet of paper.</summary>
/// <param name="ShareOfX">Of the variance of embeddings, how much lies along the first axis.</param>
/// <param name="ShareOfY">How much along the second.</param>
public sealed record GalleryMap(IReadOnlyList<MapPoint> Points, double ShareOfX, double ShareOfY);

/// <summary>A picture's place on the map, its class by number and by name.</summary>
public sealed record MapPoint(double X, double Y, int Class, string Label);

/// <summary>Everything a report shows.</summary>
/// <param name="Queries">How many pictures asked; 0 where only pairs were judged.</param>
/// <param name="RecipeJson">The resolved recipe.</param>
/// <param name="Lineage">Name and value: data fingerprint, split, seed, versions, machine.</param>
public sealed record ReportData(
    string Name, int CodeBits, string Protocol, int Queries, int Gallery, IReadOnlyList<NetworkReport> Networks,
    string RecipeJson, IReadOnlyList<(string Name, string Value)> Lineage);
