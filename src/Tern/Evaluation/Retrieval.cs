namespace Tern.Evaluation;

/// <summary>How far apart two float embeddings are.</summary>
public enum EmbeddingDistance
{
    /// <summary>Cosine similarity, the larger the nearer; a zero vector has similarity 0 with everything.</summary>
    Cosine,

    /// <summary>Squared Euclidean distance, which ranks as the distance itself does.</summary>
    SquaredEuclidean,
}

/// <summary>Measures how well queries find what is relevant in a gallery; <c>docs/metrics.md</c> says what each number means.</summary>
public static class Retrieval
{
    private const int QueryBlock = 64;

    /// <summary>Ranks the gallery by Hamming distance. Memory: a histogram a query in work, never queries times gallery.</summary>
    /// <exception cref="TernException">Lengths, kinds or models do not fit, or no query has a relevant item.</exception>
    public static RetrievalScores Evaluate(
        LabelledCodes queries, LabelledCodes gallery, RetrievalOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(gallery);
        if (queries.Codes.Bits != gallery.Codes.Bits)
            throw new TernException(
                $"Queries have {queries.Codes.Bits} bits and the gallery {gallery.Codes.Bits}; encode both with the same model.");
        RequireSameModel(queries.Model, gallery.Model);
        options ??= new RetrievalOptions();
        Require(queries.Labels, gallery.Labels, options);
        return Evaluate(new HammingRanker(queries, gallery, options), queries.Labels.Count, gallery.Labels.Count, gallery.Codes.Bits,
            options, cancellation);
    }

    /// <summary>Ranks the gallery by the distance of float embeddings, exactly. Memory: 32 queries at a time and thread, 24 bytes for each of their
    /// relevant items; never queries times gallery.</summary>
    /// <exception cref="TernException">Lengths, kinds or models do not fit, or no query has a relevant item.</exception>
    public static RetrievalScores Evaluate(
        LabelledEmbeddings queries, LabelledEmbeddings gallery, EmbeddingDistance distance, RetrievalOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(gallery);
        if (queries.Dimensions != gallery.Dimensions)
            throw new TernException(
                $"Queries have {queries.Dimensions} dimensions and the gallery {gallery.Dimensions}; use the same network for both.");
        RequireSameModel(queries.Model, gallery.Model);
        options ??= new RetrievalOptions();
        Require(queries.Labels, gallery.Labels, options);
        RetrievalScores scores = Evaluate(
            new EmbeddingRanker(queries, gallery, distance, options), queries.Labels.Count, gallery.Labels.Count, null, options, cancellation);
        return scores with { Distance = distance };
    }

    /// <summary>Ranks the gallery by Hamming distance, then the first <paramref name="depth"/> again by the cosine of float embeddings, as a search that re-ranks does.
    /// Which items are among the first is decided as there, by distance and then position. Memory: six bytes for each gallery item and thread.</summary>
    /// <exception cref="TernException">Lengths, kinds or models do not fit, or no query has a relevant item.</exception>
    public static RetrievalScores EvaluateReranked(
        LabelledCodes queries, LabelledCodes gallery, LabelledEmbeddings queryEmbeddings, LabelledEmbeddings galleryEmbeddings, int depth,
        RetrievalOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(queryEmbeddings);
        ArgumentNullException.ThrowIfNull(galleryEmbeddings);
        if (depth < 1)
            throw new TernException($"At least 1 item must be ranked again; got {depth}.");
        if (queries.Codes.Bits != gallery.Codes.Bits || queryEmbeddings.Dimensions != galleryEmbeddings.Dimensions)
            throw new TernException(
                $"Queries have {queries.Codes.Bits} bits and {queryEmbeddings.Dimensions} dimensions, the gallery {gallery.Codes.Bits} and {galleryEmbeddings.Dimensions}; encode both with the same model.");
        if (queries.Labels.Count != queryEmbeddings.Labels.Count || gallery.Labels.Count != galleryEmbeddings.Labels.Count)
            throw new TernException(
                $"{queries.Labels.Count} and {gallery.Labels.Count} codes, {queryEmbeddings.Labels.Count} and {galleryEmbeddings.Labels.Count} embeddings; every item needs both.");
        RequireSameModel(queries.Model, gallery.Model);
        RequireSameModel(queries.Model, queryEmbeddings.Model, "codes", "embeddings");
        RequireSameModel(gallery.Model, galleryEmbeddings.Model, "codes", "embeddings");
        options ??= new RetrievalOptions();
        Require(queries.Labels, gallery.Labels, options);
        RetrievalScores scores = Evaluate(
            new RerankedRanker(queries, gallery, queryEmbeddings, galleryEmbeddings, depth, options), queries.Labels.Count, gallery.Labels.Count, null, options, cancellation);
        return scores with { Bits = gallery.Codes.Bits, Distance = EmbeddingDistance.Cosine, Reranked = depth };
    }

    private static RetrievalScores Evaluate(
        IRanker ranker, int queries, int gallery, int? bits, RetrievalOptions options, CancellationToken cancellation)
    {
        ScoreSum[] blocks = new ScoreSum[(queries + QueryBlock - 1) / QueryBlock];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation };
        Parallel.For(0, blocks.Length, parallel, block =>
        {
            blocks[block] = new ScoreSum(options, bits);
            int first = block * QueryBlock;
            ranker.Rank(first, Math.Min(QueryBlock, queries - first), blocks[block], cancellation);
        });
        ScoreSum sum = new(options, bits);
        foreach (ScoreSum block in blocks)
            sum.Add(block);
        return sum.ToScores(gallery);
    }

    private static void RequireSameModel(string? one, string? other, string ofOne = "queries", string ofOther = "gallery")
    {
        if (one is not null && other is not null && one != other)
            throw new TernException(
                $"The {ofOne} come from model {one} and the {ofOther} from model {other}; what two models make cannot be compared: "
                + "encode both with the same model.");
    }

    private static void Require(Labels queries, Labels gallery, RetrievalOptions options)
    {
        options.Require();
        queries.RequireSameKind(gallery);
        if (options.ExcludeSelf && queries.Count != gallery.Count)
            throw new TernException(
                $"Leaving each query out needs the gallery to be the queries; got {queries.Count} and {gallery.Count} items.");
    }
}

/// <summary>Ranks a gallery for queries first..first + count - 1 and adds each ranking to a sum.</summary>
internal interface IRanker
{
    void Rank(int first, int count, ScoreSum sum, CancellationToken cancellation);
}
