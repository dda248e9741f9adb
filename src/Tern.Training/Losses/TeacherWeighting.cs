using Tern.Torch;

namespace Tern.Training.Losses;

/// <summary>The least log-likelihood that a classifier is taken to give, which sets how strongly weighting acts.</summary>
public enum LikelihoodFloor
{
    /// <summary>-87.3365, the logarithm of the smallest float32, at which Caffe cuts: weak, and never below 0.</summary>
    Float32,

    /// <summary>-8.37665, as a review of the paper prints it: strong, and cut at 0. Probably the digits of the other one out of order.</summary>
    Seed,
}

/// <summary>How far the teacher is trusted on each picture: less, the worse it does on that picture than the student.</summary>
/// <remarks>
/// Wang et al., ICIP 2018, teacher weighting, as a review reads it, whose cross-entropies we take to be log-likelihoods, since its numbers agree in that reading alone. With CE_T
/// and CE_S the cross-entropies of teacher and student with the label: mu = 1 where CE_T &lt;= CE_S + kappa, else max(0, 1 - kappa / M CE_T / (CE_S + kappa)). No gradient
/// goes through mu. Terms that learn from the teacher are means over pictures of mu times their value; the others are as they were:
/// L = lambda_hard L_hard + mu (lambda_soft L_soft + lambda_feature L_feature), the lambdas being the terms' weights.
/// </remarks>
/// <param name="Preset">M, by name.</param>
/// <param name="Kappa">How much worse than the student the teacher may be.</param>
/// <param name="Floor">M, above 0, in place of the preset's.</param>
public sealed record TeacherWeighting(LikelihoodFloor Preset = LikelihoodFloor.Float32, double Kappa = 0.5, double? Floor = null)
{
    private const double Float32Floor = 87.3365, SeedFloor = 8.37665;

    /// <summary>mu [N], from the logits of both networks and the labels.</summary>
    public Tensor Of(LossInput input)
    {
        Tensor teacher = CrossEntropies(input.Teacher!.Logits, input.Targets), student = CrossEntropies(input.Output.Logits, input.Targets);   // [N]
        Tensor worse = teacher / (student + Kappa);                                                    // the paper's w
        Tensor less = (1 - Kappa / Resolve().Floor!.Value * worse).ClampMin(0);
        return less.Where(worse.GreaterThan(1), Tensor.Ones(less.Shape, less.DType));
    }

    /// <summary>
    /// Values [N, N] of pairs or [N, N, N] of triples, each times the geometric mean of its pictures' weights [N]: one that the teacher is wrong about takes all its relations
    /// with it.
    /// </summary>
    internal static Tensor Together(Tensor values, Tensor? weight)
    {
        if (weight is null) return values;
        int pictures = values.Shape.Length;
        Tensor root = weight.Pow(1.0 / pictures), product = root;
        for (int i = 1; i < pictures; i++) product = product.Unsqueeze(-1) * root;
        return values * product;
    }

    /// <summary>The same with the floor written out.</summary>
    public TeacherWeighting Resolve() => this with { Floor = Floor ?? (Preset == LikelihoodFloor.Seed ? SeedFloor : Float32Floor) };

    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public IEnumerable<string> Problems()
    {
        if (!(Kappa > 0)) yield return $"kappa: must be above 0; got {Kappa}";
        if (Floor <= 0) yield return $"floor: must be above 0, or left out for the preset's; got {Floor}";
    }

    /// <summary>-ln of what the softmax gives the label, [N].</summary>
    private static Tensor CrossEntropies(Tensor logits, Tensor targets) => -(logits.Detach().LogSoftmax(1) * targets).Sum(1);
}
