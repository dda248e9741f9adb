using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Models;

namespace Tern.Training.Losses;

/// <summary>What the student says goes to what the teacher says: its embedding, or the output of a layer inside.</summary>
/// <remarks>
/// Romero et al. ICLR 2015 (FitNets, eq. 3) and Luo et al. AAAI 2016: 1/N sum_i ||r(F_S) - F_T||^2, r being the identity or, with an adapter, W F + b, which is trained
/// too; maps are compared position by position, the mean over positions, so that r is FitNets' convolution with a kernel of 1. <c>normalized</c> is FeatureNorm of Wang et
/// al. ICIP 2018: with f = F / ||F||, ||f_S - f_T||^2 = 2 - 2 cos(F_S, F_T), which lies in [0, 4] and falls exactly when the cosine that faces are compared by rises; the
/// distance of raw features can fall while the cosine does too. Departures: no factor 1/2 (FitNets and Caffe's EuclideanLoss have one); squared in both forms, where a
/// review of the ICIP paper leaves the square open for the raw one; one stage, where FitNets trains up to the hint first. Mind the scale: the mean over pictures, but the
/// sum over dimensions. An adapter begins anew when a network is trained on, as by quantisation.
/// </remarks>
/// <param name="Normalized">Whether both are divided by their length first.</param>
/// <param name="Adapter">Whether a linear layer stands between; needed where the widths differ.</param>
/// <param name="Tap">What of the student, a name as <see cref="Taps"/> has them.</param>
/// <param name="TeacherTap">What of the teacher; none means the same name.</param>
public sealed record HintLoss(bool Normalized = false, bool Adapter = false, string Tap = Taps.Embedding, string? TeacherTap = null) : Loss
{
    public override string Name => Tap == Taps.Embedding ? "hint" : $"hint.{Tap}";

    public override string? LearnsFrom => TeacherTap ?? Tap;

    public override string? LooksAt => Tap;

    public override bool TrainsCodeOf(ModelSpec model) => Tap == Taps.Hash || (Tap == Taps.Logits && model.ClassifiesCodes);

    /// <summary>Of the student [N, D] or [N, D, H, W], of the teacher [N, T] or [N, T, H, W], to a scalar.</summary>
    public override Tensor Compute(LossInput input)
    {
        Tensor student = Positions(input.Output.At(Tap)), teacher = Positions(input.Teacher!.At(TeacherTap ?? Tap)).Detach();   // [N, P, D], [N, P, T]
        if (input.Adapter is { } adapter) student = adapter[student];                                  // [N, P, T]
        if (Normalized) (student, teacher) = (student.Normalize(), teacher.Normalize());
        return input.Weighted((student - teacher).Pow(2).Sum(2)).Mean();
    }

    public override Layer? MakeAdapter(NetworkOutput student, NetworkOutput teacher)
    {
        long[] own = Shape("the network's", Tap, student), other = Shape("the teacher's", TeacherTap ?? Tap, teacher);   // [1, P, D], [1, P, T]
        if (own[1] != other[1]) throw new TernException($"{Name}: '{Tap}' has {own[1]} positions and the teacher's '{TeacherTap ?? Tap}' {other[1]}; take layers whose maps are of one size");
        if (Adapter) return new Linear((int)own[2], (int)other[2]);
        if (own[2] != other[2])
            throw new TernException($"{Name}: '{Tap}' has {own[2]} dimensions and the teacher's '{TeacherTap ?? Tap}' {other[2]}; add \"adapter\": true to it, or give both the same width");
        return null;
    }

    public override IEnumerable<string> Problems()
    {
        foreach (string problem in base.Problems()) yield return problem;
        if (Tap.Length == 0) yield return "tap: must be embedding, hash, logits or the name of a layer; got ''";
        if (TeacherTap?.Length == 0) yield return "teacherTap: must be embedding, hash, logits or the name of a layer; got ''";
    }

    private long[] Shape(string whose, string tap, NetworkOutput output)
    {
        Tensor tensor = output.At(tap);
        return tensor.Shape.Length is 2 or 4 ? Positions(tensor).Shape
            : throw new TernException($"{Name}: {whose} '{tap}' is of shape [{string.Join(", ", tensor.Shape)}], neither a row nor a map for each picture; take another layer");
    }

    /// <summary>[N, D] to [N, 1, D], a map [N, D, H, W] to [N, H W, D].</summary>
    private static Tensor Positions(Tensor values) => values.Shape.Length == 2 ? values.Unsqueeze(1) : values.Flatten(2).Permute(0, 2, 1);
}
