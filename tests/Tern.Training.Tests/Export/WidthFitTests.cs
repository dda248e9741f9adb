using Tern.Torch;
using Tern.Training.Export;
using Tern.Training.Models;

namespace Tern.Training.Tests.Export;

public sealed class WidthFitTests : IDisposable
{
    private static readonly ImageShape Shape = new(40, 40, 3), Larger = new(64, 64, 3);
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    /// <summary>"Thinner, deeper": the topology of the teacher at the cost of the network of 5 convolutions, hash layer (512 x 12) and classifier (12 x 10) included.</summary>
    [Fact]
    public void The_deep_face_network_at_the_cost_of_the_shallow_one_is_a_little_over_half_as_wide()
    {
        WidthFit fit = WidthFit.Find(new FaceResNetSpec(), CostUnit.MultiplyAdds, 601_942_520, new ImageShape(112, 96, 3), 12, 10);
        Assert.Equal(0.53, fit.Width);
        Assert.Equal((9_048_673, 599_288_380), (fit.Cost.Parameters, fit.Cost.MultiplyAdds));          // counted by hand; 0.54 takes 619,829,916
    }

    public static TheoryData<string> Models => ["faceResNet", "cifarResNet", "mobileNetV2", "squeezeNet", "shuffleNetV2", "denseNet", "inceptionResNet"];

    [Theory]
    [MemberData(nameof(Models))]
    public void The_width_found_fits_and_the_next_does_not(string name)
    {
        ModelSpec model = Model(name);
        ImageShape shape = ShapeFor(name);
        var scaled = (IScaledModel)model;
        foreach ((CostUnit unit, double budget) in new[] { (CostUnit.MultiplyAdds, 6e6), (CostUnit.Bytes, 3e6) })
        {
            WidthFit fit = WidthFit.Find(model, unit, budget, shape, 12, 10);
            long Cost(double width)
            {
                ModelCost cost = ModelCost.Of(scaled.WithWidth(width), shape, 12, 10);
                return unit == CostUnit.Bytes ? cost.Bytes : cost.MultiplyAdds;
            }
            Assert.InRange(Cost(fit.Width), 1, budget);
            Assert.True(Cost(fit.Width + 1.0 / scaled.WidthSteps) > budget, $"{name} {fit.Width} {unit}");
            Assert.Equal(ModelCost.Of(scaled.WithWidth(fit.Width), shape, 12, 10), fit.Cost);
        }
    }

    /// <summary>Bisection is right only where a wider network never costs less.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void A_wider_network_never_costs_less(string name)
    {
        var scaled = (IScaledModel)Model(name);
        double[] widths = scaled.WidthSteps == 1 ? [1, 2, 3, 8, 9, 16] : [0.1, 0.2, 0.24, 0.25, 0.26, 0.49, 0.5, 0.51, 0.99, 1, 1.01];
        long[] costs = Array.ConvertAll(widths, width => ModelCost.MultiplyAddsOf(scaled.WithWidth(width).Build(ShapeFor(name), 12, 10), ShapeFor(name)));
        Assert.Equal(costs.Order(), costs);
    }

    [Fact]
    public void A_budget_below_the_narrowest_and_a_model_without_a_width_are_refused()
    {
        string Refused(ModelSpec model, CostUnit unit, double budget, ImageShape shape) => Assert.Throws<TernException>(() => WidthFit.Find(model, unit, budget, shape, 12, 10)).Message;
        Assert.StartsWith("no width stays within 1,000 multiply-adds: 0.1, the least, takes ", Refused(new MobileNetV2Spec(), CostUnit.MultiplyAdds, 1000, Shape));
        Assert.StartsWith("no width stays within 10 bytes: 1, the least, takes ", Refused(new CifarResNetSpec(8), CostUnit.Bytes, 10, Shape));
        Assert.StartsWith("this model has no width to choose", Refused(new DshSpec(), CostUnit.Bytes, 1e6, Shape));
        Assert.Contains("needs pictures of at least 33x33", Refused(new FaceResNetSpec(), CostUnit.Bytes, 1e6, new ImageShape(16, 16, 1)));
    }

    private static ModelSpec Model(string name) => name switch
    {
        "faceResNet" => new FaceResNetSpec(ResidualBlocks: [1, 1, 1, 1], Embedding: 64),
        "cifarResNet" => new CifarResNetSpec(8),
        "mobileNetV2" => new MobileNetV2Spec(),
        "squeezeNet" => new SqueezeNetSpec(),
        "shuffleNetV2" => new ShuffleNetV2Spec(),
        "inceptionResNet" => new InceptionResNetSpec(LastStride: LastStride.B),
        _ => new DenseNetSpec(),
    };

    /// <summary>Inception-ResNet's convolutions without padding need more of a picture than the others.</summary>
    private static ImageShape ShapeFor(string name) => name == "inceptionResNet" ? Larger : Shape;
}
