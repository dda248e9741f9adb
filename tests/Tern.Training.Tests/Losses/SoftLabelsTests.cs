using Tern.Torch;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Tests.Losses;

public sealed class SoftLabelsTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("softLabels", SoftLabelForm.Softmax, 1, true)]
    [InlineData("softLabelsWarm", SoftLabelForm.Softmax, 4, true)]
    [InlineData("softLabelsUnscaled", SoftLabelForm.Softmax, 4, false)]
    [InlineData("logitDistance", SoftLabelForm.Logits, 4, true)]
    public void Value_and_gradient_equal_PyTorchs(string name, SoftLabelForm form, double temperature, bool scale)
    {
        Tensor student = Tensor.From(LossFixture.Floats("logits"), 6, 5), teacher = Tensor.From(LossFixture.Floats("teacherLogits"), 6, 5);
        student.RequiresGrad = true;
        teacher.RequiresGrad = true;
        LossFixture.AssertEqualsPyTorch(name, student, new SoftLabelsLoss(form, temperature, scale).Compute(Input(student, teacher)));
        Assert.Null(teacher.Gradient);
    }

    [Fact]
    public void By_hand()
    {
        // The teacher says 3/4 to 1/4, the student 1/2 each: 3/4 ln(3/2) + 1/4 ln(1/2), for each of two pictures alike, so the mean is the same.
        Tensor teacher = Tensor.From([Math.Log(3), 0, 5 + Math.Log(3), 5], 2, 2), student = Tensor.From([0d, 0, 2, 2], 2, 2);
        double expected = 0.75 * Math.Log(1.5) + 0.25 * Math.Log(0.5);
        Assert.Equal(expected, new SoftLabelsLoss(Temperature: 1).Compute(Input(student, teacher)).Item(), 1e-12);
        // Logits: differences ln 3, 0, 3 + ln 3, 3.
        double squares = Math.Pow(Math.Log(3), 2) + Math.Pow(3 + Math.Log(3), 2) + 9;
        Assert.Equal(squares / 4, new SoftLabelsLoss(SoftLabelForm.Logits).Compute(Input(student, teacher)).Item(), 1e-12);
    }

    [Fact]
    public void A_student_that_says_the_same_costs_nothing_however_sure_it_is()
    {
        Tensor logits = Tensor.From([1000f, -1000f, 0f, 88f, -90f, 3f], 2, 3);
        foreach (SoftLabelForm form in Enum.GetValues<SoftLabelForm>()) Assert.Equal(0, new SoftLabelsLoss(form).Compute(Input(logits, logits)).Item(), 1e-7);
        Assert.True(double.IsFinite(new SoftLabelsLoss().Compute(Input(-logits, logits)).Item()));
    }

    /// <summary>Hinton et al. 2015, section 2.1: matching warm softmaxes is matching logits, each picture's mean taken out.</summary>
    [Fact]
    public void At_a_high_temperature_it_is_half_the_mean_squared_difference_of_centred_logits()
    {
        const int Pictures = 3, Classes = 4;
        double[] student = FiniteDifferences.Draw(Pictures * Classes, 1), teacher = FiniteDifferences.Draw(Pictures * Classes, 2);
        double expected = 0;
        for (int i = 0; i < Pictures; i++)
        {
            double[] difference = [.. Enumerable.Range(i * Classes, Classes).Select(k => student[k] - teacher[k])];
            expected += difference.Sum(d => Math.Pow(d - difference.Average(), 2)) / (2 * Classes) / Pictures;
        }
        double actual = new SoftLabelsLoss(Temperature: 1000).Compute(Input(Tensor.From(student, Pictures, Classes), Tensor.From(teacher, Pictures, Classes))).Item();
        Assert.Equal(expected, actual, expected * 1e-2);
    }

    [Theory]
    [InlineData(SoftLabelForm.Softmax, 0.7, true)]
    [InlineData(SoftLabelForm.Softmax, 4, false)]
    [InlineData(SoftLabelForm.Logits, 1, true)]
    public void Gradients_agree_with_finite_differences(SoftLabelForm form, double temperature, bool scale)
    {
        Tensor teacher = Tensor.From(FiniteDifferences.Draw(12, 3), 3, 4);
        FiniteDifferences.Check(FiniteDifferences.Draw(12, 2), [3, 4], x => new SoftLabelsLoss(form, temperature, scale).Compute(Input(x, teacher)));
    }

    private static LossInput Input(Tensor student, Tensor teacher) => new(new NetworkOutput(student, student, student), student, new NetworkOutput(teacher, teacher, teacher));
}
