using System.Text.Json.Nodes;
using Tern.Training.Recipes;
using Tern.Training.Runs.Stages;

namespace Tern.Training.Studies;

/// <summary>A grid of runs over one recipe, as one JSON file says it: every combination of the axes' values is a cell, every cell a run.</summary>
/// <param name="Name">Of the study's folder and of its results.</param>
/// <param name="Recipe">The recipe all cells begin with; a relative path starts at the study's folder.</param>
/// <param name="Axes">What varies. The last varies fastest.</param>
/// <param name="Networks">Which networks of a run become rows, where it has them: teacher, student-plain, student, ternary, quantized (of other than 2 bits).</param>
/// <param name="Set">Laid over the recipe of every cell.</param>
/// <param name="Table">The table to print first.</param>
/// <param name="Charts">What to draw.</param>
/// <param name="Note">What a reader of its numbers has to know; it stands above them wherever they are shown.</param>
/// <param name="Seeds">Every cell is run once with each; rows are means. Left out: the recipe's. <c>--seeds</c> stands in their place.</param>
/// <param name="Combine">Which values are joined once all cells are done.</param>
/// <param name="Folds">Of the pairs that data.pairs lists: every cell is trained anew for each, its people left out; rows are means. Left out: as data.pairs.folds has it.</param>
public sealed record StudySpec(
    string Name, string Recipe, AxisSpec[] Axes, string[] Networks, JsonObject? Set = null, TableSpec? Table = null, ChartSpec[]? Charts = null, ulong[]? Seeds = null,
    CombineSpec? Combine = null, int[]? Folds = null, string? Note = null)
{
    /// <summary>The axes by name, the networks as the last of them.</summary>
    internal string[] AxisNames => [.. Axes.Select(axis => axis.Name), StudyRow.NetworkAxis];

    /// <summary>The values on an axis, the networks included.</summary>
    internal string[] ValuesOf(string axis) => axis == StudyRow.NetworkAxis ? Networks : [.. Axes.First(at => at.Name == axis).Values.Select(value => value.Name)];

    /// <summary>What is out of range, each as "path: what; got value".</summary>
    public IEnumerable<string> Problems()
    {
        if (Name.Length == 0 || Name.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0 || Name is "." or "..") yield return $"name: must be usable as a file name; got '{Name}'";
        if (Axes.Length == 0) yield return "axes: needs at least one";
        for (int i = 0; i < Axes.Length; i++)
            foreach (string problem in Axes[i].Problems()) yield return $"axes[{i}].{problem}";
        if (AxisNames.GroupBy(name => name).FirstOrDefault(same => same.Count() > 1) is { Key: var twice })
            yield return $"axes: each name must stand once, and '{StudyRow.NetworkAxis}' is taken; got '{twice}' twice";
        if (Networks.Length == 0 || Networks.Except(NetworkRole.Names).Any() || Networks.Distinct().Count() < Networks.Length)
            yield return $"networks: must name some of {string.Join(", ", NetworkRole.Names)}, each once; got {string.Join(", ", Networks)}";
        if (Table is not null && !AxisNames.Contains(Table.Columns)) yield return $"table.columns: must be an axis ({string.Join(", ", AxisNames)}); got '{Table.Columns}'";
        for (int i = 0; i < Charts?.Length; i++)
            foreach (string problem in Charts[i].Problems(this)) yield return $"charts[{i}].{problem}";
        foreach (string problem in Combine?.Problems(this) ?? []) yield return $"combine.{problem}";
        if (Seeds is { } seeds && (seeds.Length == 0 || seeds.Distinct().Count() < seeds.Length)) yield return $"seeds: must be different numbers, at least one; got {string.Join(", ", seeds)}";
        if (Folds is { } folds && (folds.Length == 0 || folds.Distinct().Count() < folds.Length || folds.Min() < 1))
            yield return $"folds: must be different numbers from 1 on, at least one; got {string.Join(", ", folds)}";
    }
}

/// <summary>Something that varies.</summary>
public sealed record AxisSpec(string Name, AxisValue[] Values)
{
    /// <summary>What is out of range.</summary>
    public IEnumerable<string> Problems()
    {
        if (!CellKey.IsPlain(Name)) yield return $"name: must be letters, digits and -+._ only; got '{Name}'";
        if (Values.Length == 0) yield return "values: needs at least one";
        foreach (AxisValue value in Values)
            if (!CellKey.IsPlain(value.Name)) yield return $"values: a name must be letters, digits and -+._ only; got '{value.Name}'";
        if (Values.Select(value => value.Name).Distinct().Count() < Values.Length) yield return "values: each name must stand once";
    }
}

/// <summary>One of the values of an axis.</summary>
/// <param name="Name">In tables and folder names.</param>
/// <param name="Set">
/// What it changes in the recipe: objects are merged into it, everything else replaces. In texts, <c>{study}</c> stands for the folder with the
/// study's cells, <c>{axis}</c> for the cell's value on that axis, and <c>{seed}</c> for the seed where the study or <c>--seeds</c> names any.
/// </param>
public sealed record AxisValue(string Name, JsonObject? Set = null);

/// <summary>A table with the values of one axis across.</summary>
/// <param name="Columns">The axis.</param>
/// <param name="Metric">What stands in the cells.</param>
public sealed record TableSpec(string Columns, string Metric = "map");

/// <summary>A chart: a line for each combination of the values on the axes that <paramref name="Where"/> does not fix and <paramref name="Along"/> does not join.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="X">An axis with numbers, a number of a row (bytes, codedBytes, zeroRatio, ...), <c>epoch</c>, or <c>recall</c> for precision-recall curves.</param>
/// <param name="Y">A metric, map where it is left out; charts over <c>epoch</c> (validation mAP) and <c>recall</c> (precision) have none.</param>
/// <param name="Where">Such as "bits=48" or "bits=24|48": only rows with one of these values.</param>
/// <param name="Along">The axis whose values one line joins, where <paramref name="X"/> is a number of a row.</param>
public sealed record ChartSpec(string Title, string X, string? Y = null, string[]? Where = null, string? Along = null)
{
    /// <summary>Charts over something else than rows.</summary>
    internal const string Epoch = "epoch", Recall = "recall";

    /// <summary>What is out of range.</summary>
    internal IEnumerable<string> Problems(StudySpec study)
    {
        string[] axes = study.AxisNames;
        if (X is not (Epoch or Recall) && !axes.Contains(X) && !StudyRow.NumberNames.Contains(X))
            yield return $"x: {NearestName.Suggest(X, [.. axes, Epoch, Recall, .. StudyRow.NumberNames])}";
        if (Y is not null && X is Epoch or Recall) yield return $"y: a chart over {X} has none; remove it; got '{Y}'";
        if (Along is not null && !axes.Contains(Along)) yield return $"along: must be an axis ({string.Join(", ", axes)}); got '{Along}'";
        foreach (string condition in Where ?? [])
        {
            if (condition.Split('=') is not [var axis, var value] || !axes.Contains(axis)) yield return $"where: must be an axis and a value, such as {axes[0]}=...; got '{condition}'";
            else
                foreach (string unknown in value.Split('|').Except(study.ValuesOf(axis))) yield return $"where: {NearestName.Suggest(unknown, study.ValuesOf(axis))}";
        }
    }
}
