using System.Text.Json.Serialization;
using Tern.Training.Data;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Recipes;

/// <summary>
/// The teacher: a model, its objective and its training; or, in place of all that, <paramref name="Shown"/>, <paramref name="Names"/> and, where logits are compared,
/// <paramref name="Classes"/>, files of what some other network says of the pictures (<see cref="ShownSpec"/>), relative to the recipe's folder.
/// </summary>
public sealed record TeacherSpec(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ModelSpec? Model = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Loss[]? Objective = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FitOptions? Training = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] StartSpec? Start = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] SearchBy SearchBy = SearchBy.Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Shown = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Names = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Classes = null)
{
    /// <summary>The network to train; null where the teacher is a file.</summary>
    public NetworkSpec? Network => Model is not null && Objective is not null && Training is not null ? new NetworkSpec(Model, Objective, Training, Start, SearchBy) : null;

    /// <summary>The files; null where the teacher is a network.</summary>
    public ShownSpec? File => Shown is not null && Names is not null ? new ShownSpec(Shown, Names, Classes) : null;

    /// <summary>What is out of range.</summary>
    public IEnumerable<string> Problems(ImageShape shape)
    {
        const string missing = "is missing; add an object {...}";
        if (Shown is null && Names is null && Classes is null)
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
        else if (!IsFile(Names)) yield return $"names: must be a text file; got '{Names.Replace("\0", "\\0")}'";
        if (Classes is not null && !IsFile(Classes)) yield return $"classes: must be a text file; got '{Classes.Replace("\0", "\\0")}'";
    }

    private static bool IsFile(string path) => path.Length > 0 && !path.Contains('\0');
}
