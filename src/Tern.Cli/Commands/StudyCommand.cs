using System.CommandLine;
using System.Globalization;
using Tern.Cli.Output;
using Tern.Training.Studies;

namespace Tern.Cli.Commands;

/// <summary>tern study: a grid of recipes, run cell by cell, and its table.</summary>
internal static class StudyCommand
{
    public static Command Build(Terminal terminal)
    {
        var study = new Argument<string>("study") { Description = "The study, a JSON file" };
        var output = new Option<string?>("--out") { Description = "The study's folder (default: runs/<name of the study>, or runs/<name>-study where its recipe is called the same)" };
        var set = new Option<string[]>("--set") { Description = "Change a value of every cell's recipe: path.to.key=value", AllowMultipleArgumentsPerToken = false };
        var results = new Option<string?>("--results") { Description = "Also leave NAME.json, NAME.md, NAME.csv, NAME.html and each cell's numbers in this folder, after each cell; a run whose numbers lie there and whose folder does not stand is not done again" };
        var json = new Option<bool>("--json") { Description = "Print the rows as JSON instead of tables" };
        Option<int?> jobs = Choices.Number("--jobs", "Run so many cells at once, each in a process of its own with its part of the processor cores and its own copy of the pictures in memory (default: 1)", least: 1);
        Option<int[]?> seeds = Choices.Numbers("--seeds", "Run every cell once with each of these seeds, in place of those the study names; rows are means");
        var worker = new Option<string?>(StudyWorkers.Option) { Hidden = true };
        var command = new Command("study", "Run every cell of a study, and print its table; cells that have ended are kept.\n\nExample: tern study studies/dth-bits.json --jobs 2") { study, output, set, seeds, results, jobs, json, worker };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            string file = parsed.GetValue(study)!;
            ulong[]? given = parsed.GetValue(seeds) is { Length: > 0 } named ? Array.ConvertAll(named, seed => (ulong)seed) : null;
            StudyPlan plan = StudyPlan.Read(file, parsed.GetValue(output), parsed.GetValue(set), given);
            string[] neighbours = Directory.GetParent(Path.TrimEndingDirectorySeparator(plan.Folder)) is { Exists: true } parent ? Directory.GetDirectories(parent.FullName) : [];
            string? folder = parsed.GetValue(results), typedBefore = parsed.GetValue(worker);
            if (typedBefore is null) Study.Require(plan, terminal.Time, folder);
            int? count = parsed.GetValue(jobs);
            string[] words = ["study", file, .. Given("--out", parsed.GetValue(output)), .. (parsed.GetValue(set) ?? []).SelectMany(change => Given("--set", change)),
                .. Given("--seeds", given is null ? null : string.Join(',', given)), .. Given("--results", folder)];
            string typed = typedBefore ?? string.Join(' ', [.. words.Prepend("tern").Select(Quoted), .. Given("--jobs", count?.ToString(CultureInfo.InvariantCulture))]);
            void Run(CancellationToken stop) => RunProgress.Show(terminal, progress => Study.Run(plan, typed, neighbours, terminal.Time, progress, stop, folder));
            if (typedBefore is not null)
            {
                Run(StudyWorkers.UntilAlone(cancellation));
                return 0;
            }
            bool done = count > 1 && WorkersDo(count.Value, words, typed, terminal, cancellation);
            if (!done) Run(cancellation);
            Print(terminal, plan, parsed.GetValue(json));
            return 0;
        }));
        return command;
    }

    /// <summary>Whether all has been done by processes of their own.</summary>
    private static bool WorkersDo(int count, string[] words, string typed, Terminal terminal, CancellationToken cancellation)
    {
        using var workers = new StudyWorkers(count, words, typed, terminal);
        return workers.Wait(cancellation);
    }

    private static string[] Given(string option, string? value) => value is null ? [] : [option, value];

    /// <summary>As a shell takes it back.</summary>
    private static string Quoted(string text) => text.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./=+:,@%".Contains(letter)) ? text : $"'{text.Replace("'", @"'\''")}'";

    private static void Print(Terminal terminal, StudyPlan plan, bool json)
    {
        terminal.Out.Write(File.ReadAllText(Path.Combine(plan.Folder, json ? "results.json" : "table.md")));
        if (!json) terminal.Out.WriteLine($"report: {Path.Combine(plan.Folder, "report.html")}");
    }
}
