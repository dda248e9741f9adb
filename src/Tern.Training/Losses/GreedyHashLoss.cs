using Tern.Torch;
using Tern.Training.Models;

namespace Tern.Training.Losses;

/// <summary>What the classifier must say of the code.</summary>
public enum CodeClassification
{
    /// <summary>Which one class it is: softmax.</summary>
    CrossEntropy,

    /// <summary>Of each class whether it is one of the picture's: sigmoid.</summary>
    BinaryCrossEntropy,
}

/// <summary>Greedy Hash: the classifier reads the code itself, -1 and +1, and its gradient goes to the hash layer as if there were no sign.</summary>
/// <remarks>
/// Su, Zhang, Han and Tian, NeurIPS 2018: cross-entropy of W b + c with b = sign(h) and dL/dh = dL/db, plus alpha times the mean over
/// pictures and bits of |h - b|^3, which keeps h near its code so that the gradient is about right (the mean, and 0.1, as the authors' code).
/// Departures: sign(0) is -1, the bit that h = 0 is stored as; the classifier has a bias; pictures with several labels, by <paramref name="Classification"/>.
/// </remarks>
/// <param name="Alpha">Weight of the penalty.</param>
/// <param name="Classification">One label a picture, or several.</param>
public sealed record GreedyHashLoss(double Alpha = 0.1, CodeClassification Classification = CodeClassification.CrossEntropy) : Loss
{
    public override string Name => "greedyHash";

    public override bool TrainsCodeOf(ModelSpec model) => true;

    public override bool ClassifiesCodes => true;

    public override bool NeedsOneLabel => Classification == CodeClassification.CrossEntropy;

    /// <summary>Hash layer [N, K], the classifier and labels, to a scalar.</summary>
    public override Tensor Compute(LossInput input)
    {
        Tensor h = input.Output.Hash;                                                                  // [N, K]
        Tensor logits = input.Output.Classify!(h.SignsStraightThrough());                              // [N, C]
        Tensor wrong = Classification == CodeClassification.CrossEntropy ? logits.CrossEntropy(input.Labels)
            : logits.BinaryCrossEntropyWithLogits(input.Targets.To(logits.DType));
        return wrong + Alpha * h.CubeFromSigns();
    }

    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Alpha < 0) yield return $"alpha: must be at least 0; got {Alpha}";
    }
}
