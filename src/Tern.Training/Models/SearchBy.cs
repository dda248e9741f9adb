namespace Tern.Training.Models;

/// <summary>What of a network's output pictures are found by, and so what it is judged by.</summary>
public enum SearchBy
{
    /// <summary>The signs of the hash layer, by Hamming distance.</summary>
    Code,

    /// <summary>The embedding, by cosine: what metric learning trains.</summary>
    Embedding,
}
