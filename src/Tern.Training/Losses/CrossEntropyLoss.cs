using Tern.Torch;

namespace Tern.Training.Losses;

/// <summary>Softmax cross-entropy with the labels, with label smoothing and temperature.</summary>
/// <remarks>
/// -1/N sum_i sum_c q_ic ln softmax(z_i / temperature)_c with q = (1 - s) onehot(y) + s / C (Szegedy et al. 2016; temperature as in CGD, Jun et al. 2019,
/// where 0.5 doubles the logits). Departures: none.
/// </remarks>
/// <param name="LabelSmoothing">s in [0, 1).</param>
/// <param name="Temperature">Divides the logits; above 0.</param>
public sealed record CrossEntropyLoss(double LabelSmoothing = 0, double Temperature = 1) : Loss
{
    public override string Name => "crossEntropy";

    public override bool UsesClassifier => true;

    public override bool NeedsOneLabel => true;

    /// <summary>logits [N, C], labels [N], to a scalar.</summary>
    public override Tensor Compute(LossInput input) => (input.Output.Logits / Temperature).CrossEntropy(input.Labels, LabelSmoothing);

    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (LabelSmoothing is < 0 or >= 1) yield return $"labelSmoothing: must be at least 0 and below 1; got {LabelSmoothing}";
        if (Temperature <= 0) yield return $"temperature: must be above 0; got {Temperature}";
    }
}
