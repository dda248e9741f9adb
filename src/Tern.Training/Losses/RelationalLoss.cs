using Tern.Torch;
using Tern.Training.Models;

namespace Tern.Training.Losses;

/// <summary>The pictures of a batch lie to each other as they do for the teacher: distances of pairs and angles of triples, whatever the two embeddings' widths and scales.</summary>
/// <remarks>
/// Park, Kim, Lu and Cho, CVPR 2019 (RKD). With x_i the embedding of picture i and l Huber's function of a difference: l of ||x_i - x_j|| / mean over pairs (eq. 5, 6), and l
/// of cos of the angle at x_i between x_j and x_k (eq. 8, 9). Means over all N^2 and N^3 index tuples, those that name a picture twice and cost nothing included, as in the authors'
/// code. Where the teacher is trusted by picture, a pair counts by the geometric mean of its two pictures' weights and a triple by that of its three: one picture that the
/// teacher is wrong about takes all its relations with it. Departures: angles of the first 128 pictures of a batch only, which bounds memory at some hundred MB;
/// pictures closer than 1e-6 have no direction.
/// </remarks>
/// <param name="Distance">Weight of distances.</param>
/// <param name="Angle">Weight of angles; 0 computes none.</param>
public sealed record RelationalLoss(double Distance = 25, double Angle = 50) : Loss
{
    private const int MostInAngles = 128;
    private const double Smallest = 1e-6;

    public override string Name => "relational";

    public override string? LearnsFrom => Taps.Embedding;

    /// <summary>Embeddings [N, D] of the student and [N, T] of the teacher, to a scalar; N is at least 2.</summary>
    public override Tensor Compute(LossInput input)
    {
        Tensor student = input.Output.Embedding, teacher = input.Teacher!.Embedding.Detach();
        long count = student.Shape[0], some = Math.Min(count, MostInAngles);
        Tensor pairs = TeacherWeighting.Together(Distances(student).Huber(Distances(teacher)), input.TeacherWeight);   // [N, N], 0 but above the diagonal
        Tensor distance = Distance * (2.0 / (count * count) * pairs.Sum());
        if (Angle == 0) return distance;
        Tensor triples = Angles(student.Narrow(0, 0, some)).Huber(Angles(teacher.Narrow(0, 0, some)));
        return distance + Angle * TeacherWeighting.Together(triples, input.TeacherWeight?.Narrow(0, 0, some)).Mean();
    }

    /// <summary>[N, D] to [N, N]: above the diagonal the distances over their mean, elsewhere 0.</summary>
    private static Tensor Distances(Tensor rows)
    {
        double pairs = rows.Shape[0] * (rows.Shape[0] - 1) / 2.0;
        Tensor distance = rows.Distances(rows).UpperTriangle(1);
        return distance / (distance.Sum() / pairs).ClampMin(Smallest);
    }

    /// <summary>[M, D] to [M, M, M]: the cosine of the angle at the first picture between the second and the third; 0 where it is one of them.</summary>
    private static Tensor Angles(Tensor rows)
    {
        Tensor across = rows.Unsqueeze(0) - rows.Unsqueeze(1);                                         // [M, M, D]
        Tensor length = across.Norm();                                                                 // [M, M, 1]
        Tensor direction = across * (length.GreaterThan(Smallest).To(rows.DType) / length.ClampMin(Smallest));
        return direction.MatrixMultiply(direction.Permute(0, 2, 1));
    }

    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Distance < 0) yield return $"distance: must be at least 0; got {Distance}";
        if (Angle < 0) yield return $"angle: must be at least 0; got {Angle}";
    }
}
