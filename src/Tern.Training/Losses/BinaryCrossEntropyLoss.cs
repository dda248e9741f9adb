using Tern.Torch;

namespace Tern.Training.Losses;

/// <summary>Sigmoid cross-entropy: each class is a question of its own, so a picture may carry several labels, or none.</summary>
/// <remarks>
/// -1 / (NC) sum_i sum_c [y_ic ln sigmoid(z_ic) + (1 - y_ic) ln(1 - sigmoid(z_ic))], the mean over pictures and classes, as PyTorch's
/// <c>binary_cross_entropy_with_logits</c>. Mind the scale: with C classes it is about C times smaller than a sum over classes. Departures: none.
/// </remarks>
public sealed record BinaryCrossEntropyLoss : Loss
{
    public override string Name => "binaryCrossEntropy";

    public override bool UsesClassifier => true;

    /// <summary>logits [N, C], targets [N, C] in {0, 1}, to a scalar.</summary>
    public override Tensor Compute(LossInput input) => input.Output.Logits.BinaryCrossEntropyWithLogits(input.Targets.To(input.Output.Logits.DType));
}
