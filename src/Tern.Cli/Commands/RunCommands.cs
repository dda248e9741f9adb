using System.CommandLine;
using Tern.Cli.Output;
using Tern.Training.Recipes;
using Tern.Training.Runs;

namespace Tern.Cli.Commands;

/// <summary>tern run, train, distill, quantize: all or some stages of a recipe.</summary>
internal static class RunCommands
{
    public static Command Run(Terminal terminal) => Build(terminal, "run", "Run every stage of a recipe, to the report", _ => true);

    public static Command Train(Terminal terminal) => Build(terminal, "train", "Train the teacher of a recipe", stage => stage == "teacher");

    public static Command Distill(Terminal terminal) => Build(terminal, "distill", "Train the student of a recipe from its teacher", stage => stage is "student" or "student-plain");

    public static Command Quantize(Terminal terminal) => Build(terminal, "quantize", "Make the student of a recipe ternary", stage => stage is "ternary" or "quantized");

    private static Command Build(Terminal terminal, string name, string what, Func<string, bool> stages)
    {
        var recipe = new Argument<string>("recipe") { Description = "The recipe, a JSON file" };
        var output = new Option<string?>("--out") { Description = "The run folder (default: runs/<name of the recipe>)" };
        var set = new Option<string[]>("--set") { Description = "Change a value of the recipe: path.to.key=value", AllowMultipleArgumentsPerToken = false };
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON" };
        var command = new Command(name, $"{what}.\n\nExample: tern {name} recipes/fashion-mnist.json --set student.training.epochs=3") { recipe, output, set };
        bool summarizes = name == "run";
        if (summarizes) command.Options.Add(json);
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            Recipe read = RecipeFile.Read(parsed.GetValue(recipe)!, parsed.GetValue(set));
            string folder = parsed.GetValue(output) ?? Path.Combine("runs", read.Name);
            RunProgress.Show(terminal, progress => Pipeline.Run(read, folder, terminal.Time, progress, cancellation, stages));
            if (!summarizes) return 0;
            string summary = Path.Combine(folder, "summary.json");
            if (parsed.GetValue(json)) terminal.Out.Write(File.ReadAllText(summary));
            else ChainTable.Write(terminal, summary, folder);
            return 0;
        }));
        return command;
    }
}
