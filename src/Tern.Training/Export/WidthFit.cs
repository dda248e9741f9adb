using Tern.Torch;
using Tern.Training.Models;

namespace Tern.Training.Export;

/// <summary>What a budget limits; both as <see cref="ModelCost"/> counts them.</summary>
public enum CostUnit
{
    /// <summary>Of one picture.</summary>
    MultiplyAdds,

    /// <summary>Of the exported file.</summary>
    Bytes,
}

/// <summary>The widest form of a model that stays within a budget.</summary>
/// <param name="Width">The value for <c>model.width</c>.</param>
/// <param name="Cost">What the model costs at that width.</param>
public sealed record WidthFit(double Width, ModelCost Cost)
{
    /// <summary>
    /// Finds it by bisection over the steps of <see cref="IScaledModel"/>, counting each candidate on a network built for it. Throws <see cref="TernException"/> where
    /// the model has no width, or none small enough.
    /// </summary>
    public static WidthFit Find(ModelSpec model, CostUnit unit, double budget, ImageShape shape, int bits, int classes)
    {
        if (model is not IScaledModel scaled) throw new TernException("this model has no width to choose; faceResNet and mobileNetV2, for two, have");
        double Width(int step) => (double)step / scaled.WidthSteps;
        ModelSpec At(int step) => scaled.WithWidth(Width(step));
        bool Possible(int step) => !At(step).Problems(shape).Any();
        bool Fits(int step) => Possible(step) && CostOf(At(step), unit, shape, bits, classes) <= budget;

        int fits = Enumerable.Range(1, scaled.WidthSteps).FirstOrDefault(Possible);
        if (fits == 0) throw new TernException(At(scaled.WidthSteps).Problems(shape).First());
        if (!Fits(fits))
        {
            string of = unit == CostUnit.Bytes ? "bytes" : "multiply-adds";
            throw new TernException($"no width stays within {budget:N0} {of}: {Width(fits)}, the least, takes {CostOf(At(fits), unit, shape, bits, classes):N0}");
        }
        int over = fits + 1;
        while (Fits(over)) (fits, over) = (over, 2 * over);
        while (over - fits > 1)
        {
            int middle = fits + (over - fits) / 2;
            if (Fits(middle)) fits = middle;
            else over = middle;
        }
        return new WidthFit(Width(fits), ModelCost.Of(At(fits), shape, bits, classes));
    }

    private static long CostOf(ModelSpec model, CostUnit unit, ImageShape shape, int bits, int classes)
    {
        using var scope = new TensorScope();
        if (unit == CostUnit.Bytes) return ModelCost.Of(model, shape, bits, classes).Bytes;
        return ModelCost.MultiplyAddsOf(model.Build(shape, bits, classes), shape);
    }
}
