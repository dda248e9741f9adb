using Spectre.Console;
using Tern.Cli.Output;

namespace Tern.Cli.Tests;

/// <summary>What a command left: its exit code, standard output and standard error.</summary>
internal sealed record Outcome(int ExitCode, string Out, string Error)
{
    /// <summary>Done, and nothing was said but data.</summary>
    public Outcome Done()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}");
        return this;
    }

    /// <summary>Failed in a way the user can act on: exit code 1, nothing on standard output, one error, no stack trace.</summary>
    public string Failed()
    {
        Assert.Equal(1, ExitCode);
        Assert.Equal("", Out);
        string error = Error.Split('\n').Single(line => line.StartsWith("error: ", StringComparison.Ordinal));
        Assert.DoesNotContain("   at Tern.", Error);
        Assert.DoesNotContain("Exception", Error);
        return Error[Error.IndexOf(error, StringComparison.Ordinal)..].TrimEnd();
    }
}

/// <summary>The tern command without a process: as Program runs it, but into strings.</summary>
internal static class CommandLine
{
    public static Task<Outcome> Tern(params string[] arguments) => Tern(watched: false, arguments);

    /// <summary>With bars instead of lines where <paramref name="watched"/>.</summary>
    public static async Task<Outcome> Tern(bool watched, params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(error),
            Ansi = watched ? AnsiSupport.Yes : AnsiSupport.No,
            Interactive = watched ? InteractionSupport.Yes : InteractionSupport.No,
        });
        int code = await TernCommand.Invoke(arguments, new Terminal(output, console, watched, TimeProvider.System));
        return new Outcome(code, output.ToString(), error.ToString());
    }
}
