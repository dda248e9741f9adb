using System.Text.Json;
using System.Text.Json.Serialization;
using Tern.Torch;
using Tern.Training.Data;
using Tern.Training.Export;
using Tern.Training.Models;
using Tern.Training.Recipes;
using Tern.Training.Runs.Stages;

namespace Tern.Training.Runs;

/// <summary>What a network of a recipe costs.</summary>
public sealed record NetworkCost(string Name, long Parameters, long MultiplyAdds, long Bytes)
{
    /// <summary>Every network of a recipe, in the order of its training; of the pictures only the names of the classes are looked at.</summary>
    public static IReadOnlyList<NetworkCost> Of(Recipe recipe)
    {
        int classes = Classes(recipe);
        return [.. NetworkRole.Of(recipe.Resolve()).Select(role =>
        {
            using var scope = new TensorScope();
            ModelCost cost = ModelCost.Of(role.Build(recipe.Data.Shape, recipe.Bits, classes), recipe.Data.Shape);
            return new NetworkCost(role.Name, cost.Parameters, cost.MultiplyAdds, cost.Bytes);
        })];
    }

    /// <summary>The width at which the recipe's teacher or student stays within a budget. Throws <see cref="TernException"/> where there is none.</summary>
    public static WidthFit Fit(Recipe recipe, string network, CostUnit unit, double budget)
    {
        ModelSpec? model = network switch { "student" => recipe.Student?.Model, "teacher" => recipe.Teacher?.Model, _ => null };
        if (model is null) throw new TernException($"the recipe '{recipe.Name}' has no model for {network}: take a recipe that trains it");
        try { return WidthFit.Find(model, unit, budget, recipe.Data.Shape, recipe.Bits, Classes(recipe)); }
        catch (TernException error) { throw new TernException($"{network}.model: {error.Message}", error); }
    }

    /// <summary>Of the classes that are learned: whole ones may be held back.</summary>
    private static int Classes(Recipe recipe)
    {
        DataSplit sets = RunData.Open(recipe.Data);
        return ValidationSplit.Of(recipe.Data, sets.Train.Labels, sets.TestsOtherClasses, recipe.Seed).Classes?.Length ?? sets.Train.Classes.Count;
    }
}

/// <summary>What <c>tern cost</c> says: the networks as the recipe has them, and the one that was fitted.</summary>
public sealed record CostReport(IReadOnlyList<NetworkCost> Networks, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] WidthFit? Fit)
{
    /// <summary>As indented JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, CostReportJson.Default.CostReport) + "\n";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(CostReport))]
internal sealed partial class CostReportJson : JsonSerializerContext;
