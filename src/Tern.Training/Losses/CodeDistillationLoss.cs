using Tern.Torch;

namespace Tern.Training.Losses;

/// <summary>The teacher's hash code teaches the student's hash layer, bit by bit.</summary>
/// <remarks>
/// Deep Transfer Hashing (Zhai et al. 2021), architecture figure: p = sigmoid(h_student) against c = round(sigmoid(h_teacher)) in {0, 1}, no gradient through c.
/// The paper's distance is not known to us; binary cross-entropy, -1/(NK) sum [c ln p + (1 - c) ln(1 - p)], is chosen because its gradient p - c
/// does not vanish where the student is surely wrong. round(sigmoid(h)) is written h &gt; 0, which leaves no question about h = 0.
/// </remarks>
public sealed record CodeDistillationLoss : Loss
{
    public override string Name => "codeDistillation";

    public override bool NeedsTeacher => true;

    /// <summary>Hash layers [N, K] of student and teacher, to a scalar.</summary>
    public override Tensor Compute(LossInput input)
    {
        Tensor code = input.Teacher!.Hash.GreaterThan(0).To(input.Output.Hash.DType);                  // [N, K] in {0, 1}
        return input.Output.Hash.BinaryCrossEntropyWithLogits(code);
    }
}
