using System.CommandLine;
using System.Globalization;
using Tern.Cli.Output;
using Tern.Training.Export;
using Tern.Training.Recipes;
using Tern.Training.Runs;

namespace Tern.Cli.Commands;

/// <summary>tern cost: what the networks of a recipe cost before anything is trained, and the width that fits a budget.</summary>
internal static class CostCommand
{
    public static Command Build(Terminal terminal)
    {
        var recipe = new Argument<string>("recipe") { Description = "The recipe, a JSON file" };
        var set = new Option<string[]>("--set") { Description = "Change a value of the recipe: path.to.key=value", AllowMultipleArgumentsPerToken = false };
        Option<(string Network, CostUnit Unit, double Budget)?> fit = Choices.Budget(
            "--fit", "Find the width of the student's or the teacher's model that stays within so many multiplyAdds or bytes");
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command(
            "cost", "Count parameters, multiply-adds of a picture and bytes of each network of a recipe.\n\nExample: tern cost recipes/fashion-mnist.json --fit teacher=multiplyAdds:2e6")
        {
            recipe, set, fit, json,
        };
        command.SetAction(parsed =>
        {
            Recipe read = RecipeFile.Read(parsed.GetValue(recipe)!, parsed.GetValue(set));
            (string Network, CostUnit Unit, double Budget)? asked = parsed.GetValue(fit);
            var report = new CostReport(NetworkCost.Of(read), asked is { } budget ? NetworkCost.Fit(read, budget.Network, budget.Unit, budget.Budget) : null);
            if (parsed.GetValue(json)) terminal.Out.Write(report.ToJson());
            else Print(terminal.Out, report, asked?.Network);
            return 0;
        });
        return command;
    }

    private static void Print(TextWriter output, CostReport report, string? fitted)
    {
        output.WriteLine($"{"network",-14} {"parameters",13} {"multiply-adds",15} {"bytes",13}");
        foreach (NetworkCost network in report.Networks) Row(output, network.Name, network.Parameters, network.MultiplyAdds, network.Bytes);
        if (report.Fit is not { } fit) return;
        Row(output, $"{fitted} fitted", fit.Cost.Parameters, fit.Cost.MultiplyAdds, fit.Cost.Bytes);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"--set {fitted}.model.width={fit.Width}"));
    }

    private static void Row(TextWriter output, string name, long parameters, long multiplyAdds, long bytes) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-14} {parameters,13:N0} {multiplyAdds,15:N0} {bytes,13:N0}"));
}
