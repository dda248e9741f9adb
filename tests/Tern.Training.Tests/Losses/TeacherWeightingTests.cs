using FsCheck;
using FsCheck.Fluent;
using Tern.Torch;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Tests.Losses;

public sealed class TeacherWeightingTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    /// <summary>1 - 0.5 / M * CE_T / (CE_S + 0.5).</summary>
    [Theory]
    [InlineData(1, 0.3, 0.993, 0.925)]
    [InlineData(2, 0.2, 0.984, 0.829)]
    [InlineData(5, 0.1, 0.952, 0.503)]
    [InlineData(8, 0, 0.908, 0.045)]
    [InlineData(87.34, 0, 0, 0)]                                                         // both cut: -0.00004 and -9.43
    public void Worse_than_the_student_the_teacher_counts_less(double teacher, double student, double expected, double seed)
    {
        Assert.Equal(expected, Weight(new TeacherWeighting(), teacher, student), 5e-4);
        Assert.Equal(seed, Weight(new TeacherWeighting(LikelihoodFloor.Seed), teacher, student), 5e-4);
        Assert.Equal(seed, Weight(new TeacherWeighting(Floor: 8.37665), teacher, student), 5e-4);
    }

    [Fact]
    public void Where_the_teacher_is_at_most_kappa_worse_it_counts_whole_and_beyond_less() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        using var scope = new TensorScope();
        var random = new Random(seed);
        (double teacher, double student) = (10 * random.NextDouble(), 10 * random.NextDouble());
        double weight = Weight(new TeacherWeighting(LikelihoodFloor.Seed), teacher, student);
        Assert.InRange(weight, 0, 1);
        if (teacher < student + 0.5 - 1e-9) Assert.Equal(1, weight);
        if (teacher > student + 0.5 + 1e-9) Assert.InRange(weight, 0, 1 - 0.5 / 8.37665);              // a step at the border
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Two_networks_that_are_sure_and_right_do_not_divide_by_zero() => Assert.Equal(1, Weight(new TeacherWeighting(), 0, 0));

    [Fact]
    public void No_gradient_goes_through_it()
    {
        Tensor student = Logits(0.1), teacher = Logits(3);
        student.RequiresGrad = teacher.RequiresGrad = true;
        Assert.False(new TeacherWeighting().Of(Input(student, teacher)).RequiresGrad);
    }

    [Fact]
    public void An_objective_weighs_picture_by_picture_what_is_learned_from_the_teacher_and_nothing_else()
    {
        // L = a L_hard + 1/N sum_i mu_i (b L_soft,i + c L_feature,i), each L_i the term of a batch of one.
        Tensor labels = Tensor.From(new long[] { 0, 1, 2, 1 });
        // Of the teacher's classifier the first and the third picture are wrong, of the student's the fourth.
        Tensor[] student = [Tensor.From([3d, 0, 1, 0, 2, -1, 0, 1, 4, 2, 0, 0], 4, 3), Embeddings(4, 1)], teacher = [Tensor.From([0d, 5, 1, 0, 4, 1, 3, 0, -2, 0, 6, 0], 4, 3), Embeddings(4, 2)];
        Loss hard = new CrossEntropyLoss { Weight = 1.5 }, soft = new SoftLabelsLoss { Weight = 2 }, feature = new HintLoss(Normalized: true) { Weight = 3 };
        LossInput Of(int first, int count)
        {
            NetworkOutput Output(Tensor[] both) => new(both[1].Narrow(0, first, count), both[1].Narrow(0, first, count), both[0].Narrow(0, first, count));
            return new LossInput(Output(student), labels.Narrow(0, first, count), Output(teacher));
        }
        var weighting = new TeacherWeighting(LikelihoodFloor.Seed);
        LossInput all = Of(0, 4);
        double[] mu = weighting.Of(all).ToArray<double>();
        Assert.Equal([true, false, true, false], mu.Select(weight => weight < 1));

        double expected = 1.5 * hard.Compute(all).Item();
        for (int i = 0; i < 4; i++) expected += mu[i] * (2 * soft.Compute(Of(i, 1)).Item() + 3 * feature.Compute(Of(i, 1)).Item()) / 4;
        LossBreakdown actual = new Objective([hard, soft, feature]).Compute(all with { TeacherWeight = weighting.Of(all) });
        Assert.Equal(expected, actual.Total.Item(), 1e-10);
        Assert.Equal(["crossEntropy", "softLabels", "hint", "teacherWeight", "teacherWeight.spread"], actual.Terms.Select(term => term.Name));
        Assert.Equal(mu.Average(), actual.Terms[3].Value.Item(), 1e-12);
        Assert.Equal(Math.Sqrt(mu.Average(weight => weight * weight) - mu.Average() * mu.Average()), actual.Terms[4].Value.Item(), 1e-9);
        Assert.Equal(hard.Compute(all).Item(), actual.Terms[0].Value.Item());
    }

    [Theory]
    [InlineData("softLabelsTrusted")]
    [InlineData("codeTrusted")]
    public void Weighed_terms_equal_PyTorchs(string name)
    {
        bool codes = name == "codeTrusted";
        Tensor student = codes ? Tensor.From(LossFixture.Floats("student"), 4, 7) : Tensor.From(LossFixture.Floats("logits"), 6, 5);
        Tensor teacher = codes ? Tensor.From(LossFixture.Floats("teacher"), 4, 7) : Tensor.From(LossFixture.Floats("teacherLogits"), 6, 5);
        student.RequiresGrad = true;
        Loss loss = codes ? new CodeDistillationLoss() : new SoftLabelsLoss();
        LossInput input = Input(student, teacher) with { TeacherWeight = Tensor.From(LossFixture.Floats("trust")).Narrow(0, 0, student.Shape[0]) };
        LossFixture.AssertEqualsPyTorch(name, student, loss.Compute(input));
    }

    [Fact]
    public void A_term_of_which_there_are_two_is_logged_under_two_names()
    {
        Tensor embeddings = Embeddings(2, 1);
        var output = new NetworkOutput(embeddings, embeddings, embeddings);
        LossBreakdown breakdown = new Objective([new HintLoss(), new HintLoss(Normalized: true), new CrossEntropyLoss()]).Compute(new LossInput(output, Tensor.From(new long[] { 0, 1 }), output));
        Assert.Equal(["hint", "hint.2", "crossEntropy"], breakdown.Terms.Select(term => term.Name));
    }

    [Fact]
    public void Values_out_of_range_are_told()
    {
        Assert.Equal(["kappa: must be above 0; got 0", "floor: must be above 0, or left out for the preset's; got -1"], new TeacherWeighting(Kappa: 0, Floor: -1).Problems());
        Assert.Empty(new TeacherWeighting().Problems());
        Assert.Equal(new TeacherWeighting(Floor: 87.3365), new TeacherWeighting().Resolve());
        Assert.Equal(new TeacherWeighting(LikelihoodFloor.Seed, Floor: 8.37665), new TeacherWeighting(LikelihoodFloor.Seed).Resolve());
        Assert.Equal(new TeacherWeighting(Floor: 5), new TeacherWeighting(Floor: 5).Resolve());
    }

    /// <summary>mu of one picture, from the cross-entropies of both networks.</summary>
    private static double Weight(TeacherWeighting weighting, double teacher, double student) => weighting.Of(Input(Logits(student), Logits(teacher))).Item();

    /// <summary>Logits of two classes [1, 2] with that cross-entropy with class 0: the probabilities are e^-CE and the rest.</summary>
    private static Tensor Logits(double crossEntropy) => crossEntropy == 0 ? Tensor.From([1000d, 0], 1, 2) : Tensor.From([-crossEntropy, Math.Log(-Math.Exp(-crossEntropy) + 1)], 1, 2);

    private static LossInput Input(Tensor student, Tensor teacher) =>
        new(new NetworkOutput(student, student, student), Tensor.From(new long[student.Shape[0]]), new NetworkOutput(teacher, teacher, teacher));

    private static Tensor Embeddings(int pictures, int seed) => Tensor.From(FiniteDifferences.Draw(pictures * 5, seed), pictures, 5);
}
