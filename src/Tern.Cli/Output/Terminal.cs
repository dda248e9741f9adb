using Spectre.Console;

namespace Tern.Cli.Output;

/// <summary>Where a command writes: data to <paramref name="Out"/>, everything else to <paramref name="Error"/>.</summary>
/// <param name="Interactive">Whether somebody watches: bars instead of lines.</param>
internal sealed record Terminal(TextWriter Out, IAnsiConsole Error, bool Interactive, TimeProvider Time)
{
    /// <summary>A line for people, on standard error.</summary>
    public void Say(string text) => Error.Profile.Out.Writer.WriteLine(Plain(text));     // not Error.WriteLine, which wraps

    /// <summary>Control characters as '?': a file's name must not command the terminal.</summary>
    public static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) && c != '\n' ? '?' : c));
}
