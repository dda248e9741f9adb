using Tern.Torch;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Tests.Losses;

public sealed class RelationalTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("relational", 25, 50)]
    [InlineData("relationalDistance", 1, 0)]
    [InlineData("relationalAngle", 0, 1)]
    public void Value_and_gradient_equal_PyTorchs(string name, double distance, double angle)
    {
        Tensor student = Tensor.From(LossFixture.Floats("studentEmbeddings"), 6, 4), teacher = Tensor.From(LossFixture.Floats("narrowEmbeddings"), 6, 3);
        student.RequiresGrad = teacher.RequiresGrad = true;
        LossFixture.AssertEqualsPyTorch(name, student, new RelationalLoss(distance, angle).Compute(Input(student, teacher)));
        Assert.Null(teacher.Gradient);
    }

    [Fact]
    public void By_hand()
    {
        // Points 0, 1, 3 on a line against 0, 2, 3. Distances 1, 3, 2 over their mean 2 are 1/2, 3/2, 1; 2, 3, 1 over 2 are 1, 3/2, 1/2: differences 1/2, 0, 1/2, so 2 / 9 (1/8 + 1/8) = 1/18.
        Tensor student = Tensor.From([0d, 1, 3], 3, 1), teacher = Tensor.From([0d, 2, 3], 3, 1);
        Assert.Equal(1 / 18.0, new RelationalLoss(1, 0).Compute(Input(student, teacher)).Item(), 1e-12);
        Assert.Equal(0, new RelationalLoss(0, 1).Compute(Input(student, teacher)).Item(), 1e-12);           // the same order on the line
        // Out of line: at (0, 0) the angle between (1, 0) and (0, 1) is right, on a line from 0 to 1 and 2 it is none; at the corners 45 degrees against 180 and 0.
        Tensor corner = Tensor.From([0d, 0, 1, 0, 0, 1], 3, 2), line = Tensor.From([0d, 1, 2], 3, 1);
        double half = Math.Sqrt(0.5), middle = half + 1 - 0.5, end = Math.Pow(1 - half, 2) / 2;
        Assert.Equal(2 * (0.5 + middle + end) / 27, new RelationalLoss(0, 1).Compute(Input(corner, line)).Item(), 1e-12);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Value_equals_a_loop_over_pairs_and_triples(bool trusted)
    {
        const int Count = 6, Dimensions = 4, TeacherDimensions = 3;
        double[] student = FiniteDifferences.Draw(Count * Dimensions, 1), teacher = FiniteDifferences.Draw(Count * TeacherDimensions, 2), trust = [0.3, 1, 0, 0.8, 0.5, 1];
        double Trust(params int[] pictures) => trusted ? Math.Pow(pictures.Aggregate(1.0, (product, i) => product * trust[i]), 1.0 / pictures.Length) : 1;
        Loops own = new(student, Dimensions), other = new(teacher, TeacherDimensions);
        double distance = 0, angle = 0;
        for (int i = 0; i < Count; i++)
            for (int j = 0; j < Count; j++)
            {
                distance += Trust(i, j) * Huber(own.Distance(i, j) / own.MeanDistance - other.Distance(i, j) / other.MeanDistance);
                for (int k = 0; k < Count; k++) angle += Trust(i, j, k) * Huber(own.Cosine(i, j, k) - other.Cosine(i, j, k));
            }
        LossInput input = Input(Tensor.From(student, Count, Dimensions), Tensor.From(teacher, Count, TeacherDimensions)) with { TeacherWeight = trusted ? Tensor.From(trust) : null };
        Assert.Equal(3 * distance / (Count * Count) + 7 * angle / (Count * Count * Count), new RelationalLoss(3, 7).Compute(input).Item(), 1e-10);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(25, 50)]
    public void Gradients_agree_with_finite_differences(double distance, double angle)
    {
        Tensor teacher = Tensor.From(FiniteDifferences.Draw(10, 3), 5, 2), trust = Tensor.From([0.5, 1, 0.1, 0.9, 1]);
        FiniteDifferences.Check(FiniteDifferences.Draw(15, 2), [5, 3], x => new RelationalLoss(distance, angle).Compute(Input(x, teacher) with { TeacherWeight = trust }), 1e-5);
    }

    [Fact]
    public void Where_and_how_large_and_how_wide_an_embedding_is_does_not_matter()
    {
        double[] teacher = FiniteDifferences.Draw(12, 1);
        (double cos, double sin) = (Math.Cos(0.7), Math.Sin(0.7));
        // Turned by 0.7, three times as large, moved, with a third dimension that says nothing.
        double[] student = [.. Enumerable.Range(0, 6).SelectMany(i => new[] { 3 * (cos * teacher[2 * i] - sin * teacher[2 * i + 1]) + 5, 3 * (sin * teacher[2 * i] + cos * teacher[2 * i + 1]), -2 })];
        Assert.Equal(0, new RelationalLoss().Compute(Input(Tensor.From(student, 6, 3), Tensor.From(teacher, 6, 2))).Item(), 1e-12);
    }

    [Fact]
    public void Pictures_at_one_point_have_a_value_and_a_gradient()
    {
        foreach (float[] values in new float[][] { [1, 2, 1, 2, 1, 2], [0, 0, 0, 0, 3, 4] })
        {
            Tensor student = Tensor.From(values, 3, 2);
            student.RequiresGrad = true;
            Tensor value = new RelationalLoss().Compute(Input(student, Tensor.From([0f, 1, 5], 3, 1)));
            value.Backward();
            Assert.True(double.IsFinite(value.Item()));
            Assert.True(student.Gradient!.AllFinite());
        }
    }

    [Fact]
    public void Angles_are_those_of_the_first_128_pictures()
    {
        double[] points = FiniteDifferences.Draw(130 * 2, 1), moved = [.. points];
        moved[^1] += 5;
        Tensor teacher = Tensor.From(FiniteDifferences.Draw(130 * 2, 2), 130, 2);
        double Value(double[] student, double distance) => new RelationalLoss(distance, 1).Compute(Input(Tensor.From(student, 130, 2), teacher)).Item();
        Assert.Equal(Value(points, 0), Value(moved, 0));
        Assert.NotEqual(Value(points, 1), Value(moved, 1));
        points[0] += 5;
        Assert.NotEqual(Value(points, 0), Value(moved, 0));
    }

    private static double Huber(double difference) => Math.Abs(difference) < 1 ? difference * difference / 2 : Math.Abs(difference) - 0.5;

    private static LossInput Input(Tensor student, Tensor teacher) => new(new NetworkOutput(student, student, student), student, new NetworkOutput(teacher, teacher, teacher));

    private sealed class Loops(double[] points, int dimensions)
    {
        private int Count => points.Length / dimensions;

        public double MeanDistance => (from i in Enumerable.Range(0, Count) from j in Enumerable.Range(0, i) select Distance(i, j)).Average();

        public double Distance(int i, int j) => Length(Difference(i, j));

        public double Cosine(int i, int j, int k)
        {
            double[] first = Difference(j, i), second = Difference(k, i);
            double lengths = Length(first) * Length(second);
            return lengths == 0 ? 0 : first.Zip(second, (a, b) => a * b).Sum() / lengths;
        }

        private double[] Difference(int i, int j) => [.. Enumerable.Range(0, dimensions).Select(k => points[i * dimensions + k] - points[j * dimensions + k])];

        private static double Length(double[] vector) => Math.Sqrt(vector.Sum(x => x * x));
    }
}
