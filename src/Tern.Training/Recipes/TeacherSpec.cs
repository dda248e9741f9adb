using System.Text.Json.Serialization;
using Tern.Training.Data;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Recipes;

/// <summary>
/// The teacher: a model, its objective and its training; or, in place of all that, <paramref name="Shown"/> and <paramref name="Names"/>, files of what some other
/// network says of the pictures (<see cref="ShownSpec"/>), relative to the recipe's folder.
/// </summary>
public sealed record TeacherSpec(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ModelSpec? Model = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Loss[]? Objective = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FitOptions? Training = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] StartSpec? Start = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] SearchBy SearchBy = SearchBy.Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Shown = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Names = null)
{
    /// <summary>The network to train; null where the teacher is a file.</summary>
    [JsonIgnore]
    public NetworkSpec? Network => Model is not null && Objective is not null && Training is not null ? new NetworkSpec(Model, Objective, Training, Start, SearchBy) : null;

    /// <summary>The files; null where the teacher is a network.</summary>
    [JsonIgnore]
    public ShownSpec? File => Shown is not null && Names is not null ? new ShownSpec(Shown, Names) : null;

    /// <summary>What is out of range.</summary>
    public IEnumerable<string> Problems(ImageShape shape)
    {
        const string missing = "is missing; add an object {...}";
        if (Shown is null && Names is null)
        {
            if (Model is null) yield return $"model: {missing}, or shown and names for a teacher that is a file";
            if (Objective is null) yield return "objective: is missing; add a list [...], each an object {...}";
            if (Training is null) yield return $"training: {missing}";
            foreach (string problem in Network?.Problems(shape) ?? []) yield return problem;
            yield break;
        }
        if (Model is not null || Objective is not null || Training is not null || Start is not null || SearchBy != SearchBy.Code)
            yield return "shown: a file stands in place of model, objective, training, start and searchBy; keep either the file or those";
        if (Shown is null) yield return "shown: is missing; add the .safetensors file whose rows names names";
        else if (Shown.Contains('\0') || Path.GetExtension(Shown) != ".safetensors") yield return $"shown: must be a .safetensors file; got '{Shown.Replace("\0", "\\0")}'";
        if (Names is null) yield return "names: is missing; add the text file with the picture of each row of shown";
        else if (Names.Length == 0 || Names.Contains('\0')) yield return $"names: must be a text file; got '{Names.Replace("\0", "\\0")}'";
    }
}
