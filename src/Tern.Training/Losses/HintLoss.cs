using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Losses;

/// <summary>The student's embedding goes to the teacher's.</summary>
/// <remarks>
/// Romero et al. ICLR 2015 (FitNets, eq. 3) and Luo et al. AAAI 2016: 1/N sum_i ||r(F_S) - F_T||^2, r being the identity or, with an adapter, W F + b, which is trained
/// too. <c>normalized</c> is FeatureNorm of Wang et al. ICIP 2018: with f = F / ||F||, ||f_S - f_T||^2 = 2 - 2 cos(F_S, F_T), which lies in [0, 4] and falls exactly
/// when the cosine that faces are compared by rises; the distance of raw features can fall while the cosine does too. Departures: no factor 1/2 (FitNets and
/// Caffe's EuclideanLoss have one); squared in both forms, where a review of the ICIP paper leaves the square open for the raw one. Mind the scale: the mean over pictures,
/// but the sum over dimensions.
/// </remarks>
/// <param name="Normalized">Whether both are divided by their length first.</param>
/// <param name="Adapter">Whether a linear layer stands between; needed where the widths differ.</param>
public sealed record HintLoss(bool Normalized = false, bool Adapter = false) : Loss
{
    public override string Name => "hint";

    public override TeacherPart? LearnsFrom => TeacherPart.Embedding;

    /// <summary>Embeddings [N, D] of the student and [N, T] of the teacher, to a scalar.</summary>
    public override Tensor Compute(LossInput input)
    {
        Tensor student = input.Output.Embedding, teacher = input.Teacher!.Embedding.Detach();
        if (Adapter) student = ((Linear)input.Learned!)[student];                                      // [N, T]
        if (Normalized) (student, teacher) = (student.Normalize(), teacher.Normalize());
        return input.Weighted((student - teacher).Pow(2)).Sum() / student.Shape[0];
    }

    public override Module? Learn(LossSizes sizes)
    {
        if (Adapter) return new Linear(sizes.Features, sizes.TeacherFeatures);
        return sizes.Features == sizes.TeacherFeatures ? null : throw new TernException(
            $"hint: the embedding has {sizes.Features} dimensions and the teacher's {sizes.TeacherFeatures}; add \"adapter\": true to it, or give both networks the same width");
    }
}
