namespace Tern.Training.Models;

/// <summary>A model whose layers all get narrower together: what a budget can choose the width of.</summary>
public interface IScaledModel
{
    /// <summary>Steps of the width in 1: 1 where the width is a number of channels, 100 where it is a factor on all of them.</summary>
    int WidthSteps { get; }

    /// <summary>The same model of that width, the recipe's <c>model.width</c>.</summary>
    ModelSpec WithWidth(double width);
}
