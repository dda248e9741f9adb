using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Tern.Cli.Commands;
using Tern.Cli.Output;

namespace Tern.Cli;

/// <summary>The command line: exit code 0 is done, 1 failed or stopped, 2 wrong usage.</summary>
internal static class TernCommand
{
    private const int Failed = 1, WrongUsage = 2;

    public static async Task<int> Invoke(string[] args, Terminal terminal)
    {
        Command root = Build(terminal);
        ParseResult parsed = root.Parse(args);
        string[] problems = [.. parsed.Errors.Select(error => error.Message), .. Empty(parsed)];
        if (problems.Length > 0)
        {
            foreach (string problem in problems) terminal.Say($"error: {problem}");
            terminal.Say($"See: {FullName(parsed.CommandResult.Command)} --help");
            return WrongUsage;
        }
        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error.Profile.Out.Writer,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TimeSpan.FromMinutes(1),                    // a checkpoint is being written
            };
            return await parsed.InvokeAsync(configuration);
        }
        catch (TernException error)
        {
            terminal.Say($"error: {error.Message}");
            return Failed;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)      // such as standard output on a full disk
        {
            terminal.Say($"error: {error.Message}");
            return Failed;
        }
        catch (OperationCanceledException)
        {
            terminal.Say("stopped. Everything finished is kept; the same command goes on from here.");
            return Failed;
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            terminal.Say($"error: libtorch cannot be loaded ({error.Message.Split('\n')[0]}): install libtorch-dev, or run 'make setup'");
            return Failed;
        }
    }

    /// <summary>No option and no argument takes an empty text: it comes from a variable of the shell that is not set.</summary>
    private static IEnumerable<string> Empty(ParseResult parsed) => parsed.CommandResult.Children
        .Where(child => child.Tokens.Any(token => token.Value.Length == 0))
        .Select(child => $"{(child is OptionResult option ? option.Option.Name : ((ArgumentResult)child).Argument.Name)} is empty");

    /// <summary>The words that call a command: "tern index build".</summary>
    private static string FullName(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{FullName(parent)} {command.Name}" : command.Name;

    private static Command Build(Terminal terminal)
    {
        // Not a RootCommand, whose name in the help would be that of the program file.
        var root = new Command("tern", "Tern: from a folder of labelled pictures to an image search engine small enough to run anywhere.") { new HelpOption(), new VersionOption() };
        foreach (Command command in new[]
        {
            RunCommands.Run(terminal), RunCommands.Train(terminal), RunCommands.Distill(terminal), RunCommands.Quantize(terminal),
            CostCommand.Build(terminal), StudyCommand.Build(terminal), EvaluateCommand.Build(terminal), IndexCommand.Build(terminal), SearchCommand.Build(terminal),
            DataCommand.Build(terminal),
        })
            root.Subcommands.Add(command);
        return root;
    }
}
