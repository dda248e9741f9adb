using Tern.Torch;
using Tern.Training.Models;

namespace Tern.Training.Losses;

/// <summary>Whose embeddings codes are to resemble.</summary>
public enum SimilaritySource
{
    /// <summary>The teacher's.</summary>
    Teacher,

    /// <summary>The network's own: the hash layer becomes a short form of the embedding it reads.</summary>
    Own,
}

/// <summary>Two pictures' codes are to be as similar as their embeddings: nothing is said of classes, so that it holds for classes never trained on.</summary>
/// <remarks>
/// Similarity-preserving distillation (Tung and Mori, ICCV 2019, arXiv 1907.09682): the student's matrix of similarities within a batch is to be the teacher's. Departures: similarities are cosines, which is
/// what both are searched by (of codes b in {-1, +1}, b_i b_j / K, and Hamming distance is K (1 - b_i b_j / K) / 2), where the paper normalises the rows of the matrix; the
/// diagonal, 1 in both, adds nothing; codes have the hash layer's gradient and its penalty from Greedy Hash (Su et al. 2018): dL/dh = dL/db + 3 alpha |h - b|^2.
/// </remarks>
/// <param name="Of">Whose embeddings.</param>
/// <param name="Alpha">Weight of the penalty on |h - b|^3.</param>
public sealed record CodeSimilarityLoss(SimilaritySource Of = SimilaritySource.Teacher, double Alpha = 0.1) : Loss
{
    public override string Name => "codeSimilarity";

    public override bool TrainsCodeOf(ModelSpec model) => true;

    public override string? LearnsFrom => Of == SimilaritySource.Teacher ? Taps.Embedding : null;

    /// <summary>Hash layer [N, K] and embedding [N, D], the latter without gradient, to a scalar.</summary>
    public override Tensor Compute(LossInput input)
    {
        Tensor h = input.Output.Hash, code = h.SignsStraightThrough();                                 // [N, K]
        Tensor e = (Of == SimilaritySource.Teacher ? input.Teacher! : input.Output).Embedding.Detach().Normalize();   // [N, D]
        Tensor wrong = code.MatrixMultiply(code.Transpose()) / h.Shape[1] - e.MatrixMultiply(e.Transpose());          // [N, N], 0 on the diagonal
        double pairs = Math.Max(1, h.Shape[0] * (h.Shape[0] - 1));
        Tensor apart = TeacherWeighting.Together(wrong.Pow(2), Of == SimilaritySource.Teacher ? input.TeacherWeight : null);
        return apart.Sum() / pairs + Alpha * h.CubeFromSigns();
    }

    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Alpha < 0) yield return $"alpha: must be at least 0; got {Alpha}";
    }
}
