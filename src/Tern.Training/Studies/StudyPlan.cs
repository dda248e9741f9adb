using System.Text.Json.Nodes;
using Tern.Training.Recipes;

namespace Tern.Training.Studies;

/// <summary>A cell of the grid and its runs, one for each seed.</summary>
internal sealed record StudyCell(CellKey Key, IReadOnlyList<CellRun> Runs);

/// <summary>A run of a cell.</summary>
internal sealed record CellRun(Recipe Recipe, string Folder);

/// <summary>A study with the recipe of every cell: read and checked as a whole before any work is done.</summary>
public sealed class StudyPlan
{
    private StudyPlan(StudySpec spec, string folder, IReadOnlyList<StudyCell> cells) => (Spec, Folder, Cells) = (spec, folder, cells);

    /// <summary>What the file says.</summary>
    public StudySpec Spec { get; }

    /// <summary>Where cells and results are left.</summary>
    public string Folder { get; }

    /// <summary>Every combination of values, the last axis varying fastest.</summary>
    internal IReadOnlyList<StudyCell> Cells { get; }

    /// <summary>
    /// Reads a study. <paramref name="folder"/> null means <c>runs/NAME</c>; <paramref name="overrides"/> change the recipe of every cell. Throws
    /// <see cref="TernException"/> naming the file, the cell and what is wrong in it.
    /// </summary>
    public static StudyPlan Read(string path, string? folder = null, IEnumerable<string>? overrides = null)
    {
        StudySpec spec = StrictJson.Read<StudySpec>("study", path, read => read.Problems(), [], []);
        string recipe = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, spec.Recipe);
        string root = Path.GetFullPath(folder ?? Path.Combine("runs", spec.Name));
        string[] set = [.. overrides ?? []];
        return new StudyPlan(spec, root, [.. Grid(spec).Select(values => Cell(spec, values, recipe, root, set))]);
    }

    private static IEnumerable<AxisValue[]> Grid(StudySpec spec) => spec.Axes.Aggregate(
        (IEnumerable<AxisValue[]>)[[]], (shorter, axis) => shorter.SelectMany(values => axis.Values.Select(value => (AxisValue[])[.. values, value])));

    private static StudyCell Cell(StudySpec spec, AxisValue[] values, string recipePath, string root, string[] overrides)
    {
        var key = new CellKey([.. spec.Axes.Zip(values, (axis, value) => (axis.Name, value.Name))]);
        JsonPatch Patch(JsonObject set) => new($"cell {key}:", (JsonObject)Fill(set, key, root)!);
        JsonPatch[] patches = [.. values.Select(value => value.Set).Prepend(spec.Set).OfType<JsonObject>().Select(Patch)];
        Recipe recipe = RecipeFile.Read(recipePath, patches, overrides);
        ulong[] seeds = spec.Seeds ?? [recipe.Seed];
        return new StudyCell(key, [.. seeds.Select(seed => new CellRun(
            recipe with { Name = key.ToString(), Seed = seed }, Path.Combine(root, seeds.Length == 1 ? $"{key}" : $"{key},seed={seed}")))]);
    }

    /// <summary>The texts with {study} and {axis} replaced.</summary>
    private static JsonNode? Fill(JsonNode? node, CellKey key, string root) => node switch
    {
        JsonObject entries => new JsonObject(entries.Select(entry => KeyValuePair.Create(entry.Key, Fill(entry.Value, key, root)))),
        JsonArray list => new JsonArray([.. list.Select(item => Fill(item, key, root))]),
        JsonValue value when value.TryGetValue(out string? text) =>
            JsonValue.Create(key.Values.Aggregate(text.Replace("{study}", root), (filled, at) => filled.Replace($"{{{at.Axis}}}", at.Value))),
        _ => node?.DeepClone(),
    };
}
