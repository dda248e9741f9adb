using Tern.Evaluation;

namespace Tern.Training.Protocols;

/// <summary>What a model made of all pictures of a data set, in a form that can be ranked.</summary>
public interface IRanked
{
    /// <summary>Identity of the model, where it is known.</summary>
    string? Model { get; }

    /// <summary>Ranks those who answer for those who ask.</summary>
    RetrievalScores Judge(Roles roles, RetrievalOptions options, CancellationToken cancellation);
}

/// <summary>Codes, by Hamming distance.</summary>
public sealed record RankedCodes(LabelledCodes Codes) : IRanked
{
    public string? Model => Codes.Model;

    public RetrievalScores Judge(Roles roles, RetrievalOptions options, CancellationToken cancellation) =>
        Retrieval.Evaluate(Codes.Select(roles.Queries), Codes.Select(roles.Gallery), options, cancellation);
}

/// <summary>Embeddings, by their distance.</summary>
public sealed record RankedEmbeddings(LabelledEmbeddings Embeddings, EmbeddingDistance Distance = EmbeddingDistance.Cosine) : IRanked
{
    public string? Model => Embeddings.Model;

    public RetrievalScores Judge(Roles roles, RetrievalOptions options, CancellationToken cancellation)
    {
        LabelledEmbeddings queries = Embeddings.Select(roles.Queries);
        return Retrieval.Evaluate(queries, roles.LeaveOneOut ? queries : Embeddings.Select(roles.Gallery), Distance, options, cancellation);
    }
}

/// <summary>Codes, and the nearest of them again by the embeddings of the same model.</summary>
/// <param name="Depth">How many are ranked again.</param>
public sealed record RerankedCodes(LabelledCodes Codes, LabelledEmbeddings Embeddings, int Depth) : IRanked
{
    public string? Model => Codes.Model;

    public RetrievalScores Judge(Roles roles, RetrievalOptions options, CancellationToken cancellation)
    {
        (LabelledCodes Codes, LabelledEmbeddings Embeddings) queries = Select(roles.Queries), gallery = roles.LeaveOneOut ? queries : Select(roles.Gallery);
        return Retrieval.EvaluateReranked(queries.Codes, gallery.Codes, queries.Embeddings, gallery.Embeddings, Depth, options, cancellation);
    }

    private (LabelledCodes, LabelledEmbeddings) Select(int[] pictures) => (Codes.Select(pictures), Embeddings.Select(pictures));
}
