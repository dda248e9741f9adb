using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tern.Training.Data;
using Tern.Training.Recipes;
using Tern.Training.Runs.Stages;

namespace Tern.Training.Studies;

/// <summary>A study with the recipe of every cell: read and checked as a whole before any work is done.</summary>
public sealed partial class StudyPlan
{
    private readonly string recipe;
    private readonly string[] overrides;

    private StudyPlan(StudySpec spec, string folder, string recipe, string[] overrides)
    {
        (Spec, Folder, this.recipe, this.overrides) = (spec, folder, recipe, overrides);
        Cells = [.. Grid(spec).Select(values => Cell(spec, values, recipe, folder, overrides))];
    }

    /// <summary>What the file says.</summary>
    public StudySpec Spec { get; }

    /// <summary>Where cells and results are left.</summary>
    public string Folder { get; }

    /// <summary>Every combination of values, the last axis varying fastest.</summary>
    internal IReadOnlyList<StudyCell> Cells { get; }

    /// <summary>
    /// Reads a study. <paramref name="folder"/> null means <c>runs/NAME</c>, or <c>runs/NAME-study</c> where the recipe has that name and a run of it stands there;
    /// <paramref name="overrides"/> change the recipe of every cell, <paramref name="seeds"/> stand in place of the file's. Throws <see cref="TernException"/> naming the file, the cell and what is wrong in it.
    /// </summary>
    public static StudyPlan Read(string path, string? folder = null, IEnumerable<string>? overrides = null, ulong[]? seeds = null)
    {
        if (seeds is not null && seeds.Distinct().Count() < seeds.Length) throw new TernException($"--seeds {string.Join(',', seeds)}: must be different numbers");
        StudySpec spec = StrictJson.Read<StudySpec>("study", path, read => read.Problems(), [], []);
        if (seeds is not null) spec = spec with { Seeds = seeds };
        string recipe = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, spec.Recipe);
        string root = Path.GetFullPath(folder ?? Path.Combine("runs", Path.GetFileNameWithoutExtension(recipe) == spec.Name ? $"{spec.Name}-study" : spec.Name));
        string[] set = [.. overrides ?? []];
        if (spec.Seeds is { } named && set.FirstOrDefault(change => change.Split('=')[0] == "seed") is { } seed)
            throw new TernException($"--set {seed}: every cell is run with {string.Join(", ", named)}, as the study or --seeds says; use --seeds");
        var plan = new StudyPlan(spec, root, recipe, set);
        string[] lost = [.. plan.LostStarts(), .. spec.Combine is { } combine ? plan.Unjudged(combine.Protocol) : []];
        return lost.Length == 0 ? plan : throw new TernException($"study {path}:\n  {string.Join("\n  ", lost)}");
    }

    /// <summary>Whether the best values of an axis have been joined.</summary>
    internal bool IsExtended { get; private init; }

    /// <summary>The same with the best values of an axis joined, once <paramref name="rows"/> are known; itself where the study joins nothing.</summary>
    internal StudyPlan Extended(IReadOnlyList<StudyRow> rows) => Spec.Combine is { } combine ? new StudyPlan(combine.Extend(Spec, rows), Folder, recipe, overrides) { IsExtended = true } : this;

    /// <summary>What its runs draw with.</summary>
    internal IReadOnlyCollection<ulong> Seeds => [.. Cells.SelectMany(cell => cell.Runs).Select(run => run.Recipe.Seed).Distinct()];

    private static IEnumerable<AxisValue[]> Grid(StudySpec spec) => spec.Axes.Aggregate(
        (IEnumerable<AxisValue[]>)[[]], (shorter, axis) => shorter.SelectMany(values => axis.Values.Select(value => (AxisValue[])[.. values, value])));

    private static StudyCell Cell(StudySpec spec, AxisValue[] values, string recipePath, string root, string[] overrides)
    {
        var key = new CellKey([.. spec.Axes.Zip(values, (axis, value) => (axis.Name, value.Name))]);
        foreach ((AxisSpec axis, AxisValue value) in spec.Axes.Zip(values))
            if (overrides.FirstOrDefault(change => Sets(value.Set, change.Split('=')[0].Split('.'))) is { } change)
                throw new TernException($"--set {change}: this is what the axis '{axis.Name}' varies, and the cell would no longer be '{value.Name}'; change the study's file");
        if (spec.Seeds is not null && values.Any(value => value.Set?.ContainsKey("seed") == true))
            throw new TernException($"cell {key}: its axis sets the seed, and the study or --seeds names others; leave out one of them");
        CellRun Run(ulong? seed, int? fold)
        {
            JsonPatch Patch(JsonObject set) => new($"cell {key}:", (JsonObject)Fill(set, key, seed, root)!);
            JsonPatch[] patches = [.. values.Select(value => value.Set).Prepend(spec.Set).OfType<JsonObject>().Select(Patch)];
            Recipe recipe = RecipeFile.Read(recipePath, patches, overrides) with { Name = key.ToString() };
            if (seed is { } own) recipe = recipe with { Seed = own };
            if (fold is { } one) recipe = recipe with { Data = recipe.Data with { Pairs = Pairs(recipe, key) with { Folds = [one] } } };
            return new CellRun(recipe, Path.Combine(root, $"{key}{(seed is null ? "" : $",seed={seed}")}{(fold is null ? "" : $",fold={fold}")}"));
        }
        IEnumerable<ulong?> seeds = spec.Seeds is null ? [null] : spec.Seeds.Select(seed => (ulong?)seed);
        IEnumerable<int?> folds = spec.Folds is null ? [null] : spec.Folds.Select(fold => (int?)fold);
        return new StudyCell(key, [.. seeds.SelectMany(seed => folds.Select(fold => Run(seed, fold)))]);
    }

    private static PairsSpec Pairs(Recipe recipe, CellKey key) =>
        recipe.Data.Pairs ?? throw new TernException($"cell {key}: the study names folds, but the recipe's data has no pairs; add \"pairs\": {{\"file\": \"pairs.txt\"}} to it, or leave out folds");

    /// <summary>Whether these changes set the value at a path, a part of it, or something it is part of.</summary>
    private static bool Sets(JsonNode? changes, ReadOnlySpan<string> path)
    {
        if (changes is not JsonObject entries) return changes is not null;
        return path.Length == 0 || entries.ContainsKey(path[0]) && (entries[path[0]] is null || Sets(entries[path[0]], path[1..]));
    }

    /// <summary>Cells that are not judged by what decides.</summary>
    private IEnumerable<string> Unjudged(string protocol) =>
        Cells.Where(cell => !cell.Runs[0].Recipe.Resolve().Evaluate!.Protocols!.Contains(protocol)).Take(1).Select(cell => $"cell {cell.Key}: combine decides by {protocol}, which its evaluate.protocols lacks");

    /// <summary>Weights to start from that are neither there nor will be, and teachers that are files and not there: found before hours go into the cells ahead.</summary>
    private IEnumerable<string> LostStarts()
    {
        var coming = new HashSet<string>();
        foreach (StudyCell cell in Cells)
            foreach (CellRun run in cell.Runs)
                foreach (NetworkRole role in run.Networks)
                {
                    if (role.StartWeights is { Weights: var weights } && !coming.Contains(weights) && (IsOwn(weights) || !File.Exists(weights)))
                        yield return $"cell {cell.Key}: {role.Name} starts from {weights}, which is not there, and no cell before this one makes it";
                    if (role.Shown?.Files.Select(file => file.Path).FirstOrDefault(file => !File.Exists(file)) is { } lost)
                        yield return $"cell {cell.Key}: {role.Name} learns from {lost}, which is not there";
                    coming.Add(run.WeightsOf(role));
                }
    }

    /// <summary>Whether a file lies in the study's folder, where only its cells leave any.</summary>
    private bool IsOwn(string file) => Path.GetFullPath(file).StartsWith(Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The texts with {study}, {seed} and {axis} replaced.</summary>
    private static JsonNode? Fill(JsonNode? node, CellKey key, ulong? seed, string root) => node switch
    {
        JsonObject entries => new JsonObject(entries.Select(entry => KeyValuePair.Create(entry.Key, Fill(entry.Value, key, seed, root)))),
        JsonArray list => new JsonArray([.. list.Select(item => Fill(item, key, seed, root))]),
        JsonValue value when value.TryGetValue(out string? text) => JsonValue.Create(Placeholder().Replace(text, found => found.Groups[1].Value switch
        {
            "study" => root,
            "seed" when seed is not null => $"{seed}",
            var name => key.Values.Where(at => at.Axis == name).Select(at => at.Value).FirstOrDefault()
                ?? throw new TernException($"cell {key}: '{text}' has {found.Value}; known are {{study}}{(seed is null ? "" : ", {seed}")}{string.Concat(key.Values.Select(at => $", {{{at.Axis}}}"))}"),
        })),
        _ => node?.DeepClone(),
    };

    [GeneratedRegex(@"\{([^{}]*)\}")]
    private static partial Regex Placeholder();
}
