using System.Text.Json.Serialization;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Recipes;

/// <summary>A network and how it is trained.</summary>
/// <param name="Training">With <c>epochs</c> 0 the network is judged as it starts.</param>
/// <param name="Start">Weights it starts from; none means random ones.</param>
/// <param name="SearchBy">What it is judged by.</param>
public sealed record NetworkSpec(
    ModelSpec Model, Loss[] Objective, FitOptions Training,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] StartSpec? Start = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] SearchBy SearchBy = SearchBy.Code)
{
    /// <summary>What is out of range.</summary>
    public IEnumerable<string> Problems(ImageShape shape) => NetworkProblems.Of(Model, Objective, Training, Start, SearchBy, shape);
}
