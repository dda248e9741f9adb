using Tern.Torch;
using Tern.Training.Models;

namespace Tern.Training.Losses;

/// <summary>What of the teacher's classifier is imitated.</summary>
public enum SoftLabelForm
{
    /// <summary>Its softmax at a temperature.</summary>
    Softmax,

    /// <summary>Its logits as they are.</summary>
    Logits,
}

/// <summary>The teacher's classifier teaches the student's: how likely every class is, not only which one is right.</summary>
/// <remarks>
/// <c>softmax</c>: Hinton, Vinyals and Dean 2015, section 2: t^2 / N sum_i KL(softmax(z_teacher / t) || softmax(z_student / t)); without t^2 the gradient
/// shrinks as 1 / t^2. Departure: the divergence where they write the cross-entropy, which differs by the teacher's entropy, a constant.
/// <c>logits</c>: Ba and Caruana, NIPS 2014: 1 / (NC) sum (z_student - z_teacher)^2. Departure: the mean over classes where they take half the sum.
/// </remarks>
/// <param name="Form">Probabilities or logits.</param>
/// <param name="Temperature">t, above 0; of <c>softmax</c> alone.</param>
/// <param name="ScaleByTemperature">Whether to multiply by t^2; of <c>softmax</c> alone.</param>
public sealed record SoftLabelsLoss(SoftLabelForm Form = SoftLabelForm.Softmax, double Temperature = 4, bool ScaleByTemperature = true) : Loss
{
    public override string Name => "softLabels";

    public override string? LearnsFrom => Taps.Logits;

    public override bool UsesClassifier => true;

    /// <summary>A softmax takes classes to exclude each other; raw logits do not.</summary>
    public override bool NeedsOneLabel => Form == SoftLabelForm.Softmax;

    /// <summary>logits [N, C] of student and teacher, to a scalar.</summary>
    public override Tensor Compute(LossInput input)
    {
        Tensor student = input.Output.Logits, teacher = input.Teacher!.Logits.Detach();               // [N, C]
        if (Form == SoftLabelForm.Logits) return input.Weighted((student - teacher).Pow(2)).Mean();
        Tensor wanted = (teacher / Temperature).LogSoftmax(1), said = (student / Temperature).LogSoftmax(1);
        Tensor divergence = input.Weighted(wanted.Exp() * (wanted - said)).Sum() / student.Shape[0];
        return ScaleByTemperature ? divergence * (Temperature * Temperature) : divergence;
    }

    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Temperature <= 0) yield return $"temperature: must be above 0; got {Temperature}";
    }
}
