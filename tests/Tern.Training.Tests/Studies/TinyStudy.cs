using Tern.Training.Runs;
using Tern.Training.Studies;
using Tern.Training.Tests.Runs;

namespace Tern.Training.Tests.Studies;

/// <summary>Studies over <see cref="TinyRecipe"/>.</summary>
internal static class TinyStudy
{
    /// <summary>Two code lengths, with and without distillation.</summary>
    public const string Grid = """
        "axes": [
          { "name": "bits", "values": [{ "name": "8", "set": { "bits": 8 } }, { "name": "12", "set": { "bits": 12 } }] },
          { "name": "distillation", "values": [
            { "name": "none", "set": { "student": { "objective": [{ "type": "crossEntropy" }] } } },
            { "name": "dth", "set": {} }] }
        ]
        """;

    public const string Command = "tern study study.json";

    public const string Networks = """["student", "ternary"]""";

    /// <summary>Writes NAME.json with its recipe into a folder and reads it; it is to run in runs/NAME.</summary>
    public static StudyPlan Plan(TemporaryFolder folder, string body, string name = "study", string networks = Networks)
    {
        TinyRecipe.Write(folder.Path);
        File.WriteAllText(folder[$"{name}.json"], $$"""{ "name": "{{name}}", "recipe": "recipe.json", "networks": {{networks}}, "set": { "student": { "withoutDistillation": false } }, {{body}} }""");
        return StudyPlan.Read(folder[$"{name}.json"], folder[$"runs/{name}"]);
    }

    /// <summary>Runs it to its end; what it told.</summary>
    public static List<RunEvent> Run(StudyPlan plan, string[]? neighbours = null)
    {
        var events = new List<RunEvent>();
        Study.Run(plan, Command, neighbours ?? [], TimeProvider.System, new Each(events.Add), CancellationToken.None);
        return events;
    }

    /// <summary>The same with a folder for its results, called off at an event.</summary>
    public static List<RunEvent> Run(StudyPlan plan, string? results, Predicate<RunEvent>? stopAt)
    {
        var events = new List<RunEvent>();
        using var stop = new CancellationTokenSource();
        Study.Run(plan, Command, [], TimeProvider.System, new Each(seen =>
        {
            events.Add(seen);
            if (stopAt?.Invoke(seen) == true) stop.Cancel();
        }), stop.Token, results);
        return events;
    }

    /// <summary>Runs it until an event.</summary>
    public static void Stop(StudyPlan plan, Predicate<RunEvent> at) => Assert.Throws<OperationCanceledException>(() => Run(plan, results: null, at));

    public static IReadOnlyList<StudyRow> Rows(StudyPlan plan) => StudyRow.FromJson(File.ReadAllText(Path.Combine(plan.Folder, "results.json")));

    internal sealed class Each(Action<RunEvent> see) : IProgress<RunEvent>
    {
        public void Report(RunEvent value) => see(value);
    }
}
