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
        if (model is not IScaledModel scaled) throw new TernException("this model has no width to choose; cifarResNet and faceResNet, for two, have");
        double Width(int step) => (double)step / scaled.WidthSteps;
        ModelSpec At(int step) => scaled.WithWidth(Width(step));
        bool Fits(int step) => !At(step).Problems(shape).Any() && CostOf(At(step), unit, shape, bits, classes) <= budget;

        if (!Fits(1))
            throw new TernException($"no width stays within {budget:N0} {(unit == CostUnit.Bytes ? "bytes" : "multiply-adds")}: {Width(1)}, the least, takes {CostOf(At(1), unit, shape, bits, classes):N0}");
        int fits = 1, over = 2;
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
