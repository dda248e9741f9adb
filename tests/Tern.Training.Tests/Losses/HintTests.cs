using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Tests.Losses;

public sealed class HintTests : IDisposable
{
    private const string Thin = "backbone.thin", Wide = "backbone.wide";
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("hint", false, false)]
    [InlineData("hintNormalized", true, false)]
    [InlineData("hintTrusted", true, true)]
    public void Value_and_gradient_equal_PyTorchs(string name, bool normalized, bool trusted)
    {
        Tensor student = Leaf("studentEmbeddings", 6, 4), teacher = Leaf("teacherEmbeddings", 6, 4);
        LossInput input = Input(student, teacher) with { TeacherWeight = trusted ? Tensor.From(LossFixture.Floats("trust")) : null };
        LossFixture.AssertEqualsPyTorch(name, student, new HintLoss(normalized).Compute(input));
        Assert.Null(teacher.Gradient);
    }

    [Fact]
    public void An_adapter_makes_widths_equal_and_learns()
    {
        var loss = new HintLoss(Adapter: true);
        Tensor student = Leaf("studentEmbeddings", 6, 4);
        LossInput input = Input(student, Tensor.From(LossFixture.Floats("narrowEmbeddings"), 6, 3));
        Layer adapter = loss.MakeAdapter(input.Output, input.Teacher!)!;
        adapter.Load(Weights("adapter", "adapterBias"));
        LossFixture.AssertEqualsPyTorch("hintAdapted", student, loss.Compute(input with { Adapter = adapter }));
        Assert.All(adapter.Parameters, parameter => Assert.NotNull(parameter.Gradient));
    }

    [Fact]
    public void Maps_of_layers_inside_are_compared_position_by_position_as_with_a_convolution()
    {
        var loss = new HintLoss(Adapter: true, Tap: Thin, TeacherTap: Wide);
        Tensor student = Leaf("studentMap", 6, 4, 2, 3);
        LossInput input = Input(Thin, student, Wide, Tensor.From(LossFixture.Floats("teacherMap"), 6, 3, 2, 3));
        Layer adapter = loss.MakeAdapter(input.Output, input.Teacher!)!;
        adapter.Load(Weights("mapAdapter", "mapBias"));
        LossFixture.AssertEqualsPyTorch("hintMap", student, loss.Compute(input with { Adapter = adapter }));
        Assert.Equal(("hint.backbone.thin", Thin, Wide), (loss.Name, loss.LooksAt, loss.LearnsFrom));
        Assert.Equal(("hint", "embedding", "embedding"), (new HintLoss().Name, new HintLoss().LooksAt, new HintLoss().LearnsFrom));
    }

    [Fact]
    public void Normalised_by_hand_the_same_direction_costs_0_a_right_angle_2_the_opposite_4()
    {
        double Value(double[] student, double[] teacher) => new HintLoss(Normalized: true).Compute(Input(Tensor.From(student, 1, 2), Tensor.From(teacher, 1, 2))).Item();
        Assert.Equal(0, Value([3, 4], [0.6, 0.8]), 1e-12);
        Assert.Equal(2, Value([3, 4], [-8, 6]), 1e-12);
        Assert.Equal(4, Value([3, 4], [-1.5, -2]), 1e-12);
    }

    /// <summary>Why there is a normalised form: faces are compared by the cosine.</summary>
    [Fact]
    public void The_raw_distance_can_fall_while_the_cosine_falls_too()
    {
        // F_T = (10, 0). From (4, 1) to (8, 4): 36 + 1 = 37 to 4 + 16 = 20, but the cosine from 4 / sqrt(17) to 8 / sqrt(80).
        Tensor teacher = Tensor.From([10d, 0], 1, 2), before = Tensor.From([4d, 1], 1, 2), after = Tensor.From([8d, 4], 1, 2);
        double Value(Tensor student, bool normalized) => new HintLoss(normalized).Compute(Input(student, teacher)).Item();
        Assert.Equal((37d, 20d), (Value(before, false), Value(after, false)));
        Assert.Equal(2 - 2 * 4 / Math.Sqrt(17), Value(before, true), 1e-12);
        Assert.Equal(2 - 2 * 8 / Math.Sqrt(80), Value(after, true), 1e-12);
        Assert.True(Value(after, true) > Value(before, true));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Value_equals_a_loop_over_pictures_positions_and_dimensions(bool normalized, bool trusted)
    {
        const int Pictures = 3, Dimensions = 4, Height = 2, Width = 3;
        double[] student = FiniteDifferences.Draw(Pictures * Dimensions * Height * Width, 1), teacher = FiniteDifferences.Draw(student.Length, 2), trust = [0.2, 1, 0.7];
        double expected = 0;
        for (int picture = 0; picture < Pictures; picture++)
            for (int position = 0; position < Height * Width; position++)
            {
                double[] Vector(double[] map)
                {
                    double[] vector = [.. Enumerable.Range(0, Dimensions).Select(k => map[(picture * Dimensions + k) * Height * Width + position])];
                    double length = normalized ? Math.Sqrt(vector.Sum(x => x * x)) : 1;
                    return [.. vector.Select(x => x / length)];
                }
                expected += (trusted ? trust[picture] : 1) * Vector(student).Zip(Vector(teacher), (s, t) => (s - t) * (s - t)).Sum() / (Pictures * Height * Width);
            }
        LossInput input = Input(Thin, Tensor.From(student, Pictures, Dimensions, Height, Width), Thin, Tensor.From(teacher, Pictures, Dimensions, Height, Width));
        if (trusted) input = input with { TeacherWeight = Tensor.From(trust) };
        Assert.Equal(expected, new HintLoss(normalized, Tap: Thin).Compute(input).Item(), 1e-12);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_agree_with_finite_differences(bool normalized)
    {
        Tensor teacher = Tensor.From(FiniteDifferences.Draw(12, 3), 3, 4), map = Tensor.From(FiniteDifferences.Draw(24, 4), 2, 3, 2, 2), trust = Tensor.From([0.5, 1, 0.1]);
        FiniteDifferences.Check(FiniteDifferences.Draw(12, 2), [3, 4], x => new HintLoss(normalized).Compute(Input(x, teacher) with { TeacherWeight = trust }), 1e-6);
        FiniteDifferences.Check(FiniteDifferences.Draw(24, 5), [2, 3, 2, 2], x => new HintLoss(normalized, Tap: Thin).Compute(Input(Thin, x, Thin, map)), 1e-6);
    }

    [Fact]
    public void An_embedding_of_zeros_costs_1_normalised_and_sends_a_gradient_that_is_a_number()
    {
        Tensor student = Tensor.Zeros([1, 3]);
        student.RequiresGrad = true;
        Tensor value = new HintLoss(Normalized: true).Compute(Input(student, Tensor.From([0f, 2, 0], 1, 3)));
        Assert.Equal(1, value.Item(), 1e-6);
        value.Backward();
        Assert.True(student.Gradient!.AllFinite());
    }

    [Fact]
    public void What_cannot_be_compared_is_refused_with_both_sizes()
    {
        string Refused(HintLoss loss, LossInput input) => Assert.Throws<TernException>(() => loss.MakeAdapter(input.Output, input.Teacher!)).Message;
        Tensor four = Tensor.Zeros([1, 4]), three = Tensor.Zeros([1, 3]);
        Assert.Equal("hint: 'embedding' has 4 dimensions and the teacher's 'embedding' 3; add \"adapter\": true to it, or give both the same width", Refused(new HintLoss(), Input(four, three)));
        Assert.Null(new HintLoss().MakeAdapter(Input(four, four).Output, Input(four, four).Teacher!));
        var maps = new HintLoss(Adapter: true, Tap: Thin, TeacherTap: Wide);
        Assert.Contains("'backbone.thin' has 9 positions and the teacher's 'backbone.wide' 4", Refused(maps, Input(Thin, Tensor.Zeros([1, 2, 3, 3]), Wide, Tensor.Zeros([1, 2, 2, 2]))));
        Assert.Contains("the teacher's 'backbone.wide' is of shape [1, 2, 2], neither a row nor a map", Refused(maps, Input(Thin, four, Wide, Tensor.Zeros([1, 2, 2]))));
    }

    private static Tensor Leaf(string name, params long[] shape)
    {
        Tensor leaf = Tensor.From(LossFixture.Floats(name), shape);
        leaf.RequiresGrad = true;
        return leaf;
    }

    private static Dictionary<string, Tensor> Weights(string weight, string bias) =>
        new() { ["weight"] = Tensor.From(LossFixture.Floats(weight), 3, 4), ["bias"] = Tensor.From(LossFixture.Floats(bias)) };

    private static LossInput Input(Tensor student, Tensor teacher) => new(new NetworkOutput(student, student, student), student, new NetworkOutput(teacher, teacher, teacher));

    private static LossInput Input(string tap, Tensor student, string teacherTap, Tensor teacher)
    {
        LossInput input = Input(Tensor.Zeros([student.Shape[0], 1]), Tensor.Zeros([student.Shape[0], 1]));
        NetworkOutput Inside(NetworkOutput output, string name, Tensor value) => output with { Inside = new Dictionary<string, Tensor> { [name] = value } };
        return input with { Output = Inside(input.Output, tap, student), Teacher = Inside(input.Teacher!, teacherTap, teacher) };
    }
}
