using Tern.Torch;
using Tern.Training.Models;

namespace Tern.Training.Losses;

/// <summary>How far the student's bits are from the teacher's.</summary>
public enum CodeDistance
{
    /// <summary>Binary cross-entropy with the rounded code.</summary>
    BinaryCrossEntropy,

    /// <summary>Squared distance to the rounded code.</summary>
    L2,

    /// <summary>Binary cross-entropy with the teacher's own probabilities, not rounded.</summary>
    Soft,
}

/// <summary>The teacher's hash code teaches the student's hash layer, bit by bit.</summary>
/// <remarks>
/// Deep Transfer Hashing (Zhai et al. 2021), architecture figure: p = sigmoid(h_student) against c = round(sigmoid(h_teacher)) in {0, 1}, no gradient through c.
/// The paper's distance is not known to us, so there are three: binary cross-entropy, -1/(NK) sum [c ln p + (1 - c) ln(1 - p)], the default because its
/// gradient p - c does not vanish where the student is surely wrong; <c>l2</c>, 1/(NK) sum (p - c)^2, whose gradient carries p (1 - p) and does vanish there;
/// <c>soft</c>, the cross-entropy with c = sigmoid(h_teacher), which also tells how sure the teacher is. round(sigmoid(h)) is written h &gt; 0, which
/// leaves no question about h = 0.
/// </remarks>
/// <param name="Form">The distance.</param>
public sealed record CodeDistillationLoss(CodeDistance Form = CodeDistance.BinaryCrossEntropy) : Loss
{
    public override string Name => "codeDistillation";

    public override bool TrainsCodeOf(ModelSpec model) => true;

    public override string? LearnsFrom => Taps.Hash;

    /// <summary>Hash layers [N, K] of student and teacher, to a scalar.</summary>
    public override Tensor Compute(LossInput input)
    {
        Tensor student = input.Output.Hash, teacher = input.Teacher!.Hash.Detach();                    // [N, K]
        Tensor code = Form == CodeDistance.Soft ? teacher.Sigmoid() : teacher.GreaterThan(0).To(student.DType);
        return Form == CodeDistance.L2 ? input.Weighted((student.Sigmoid() - code).Pow(2)).Mean()
            : student.BinaryCrossEntropyWithLogits(code, input.TeacherWeight?.Unsqueeze(1));
    }
}
