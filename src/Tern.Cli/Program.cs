using Spectre.Console;
using Tern.Cli;
using Tern.Cli.Output;

// Data goes to standard output; progress, warnings and errors to standard error.
var error = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
return await TernCommand.Invoke(args, new Terminal(Console.Out, error, Interactive: !Console.IsErrorRedirected, TimeProvider.System));
