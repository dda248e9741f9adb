using System.Reflection;

namespace Tern.Training.Runs;

/// <summary>The program and the machine that did a piece of work.</summary>
/// <param name="Commit">Of the program's source, with "-changed" where it was built from other files than those; "unknown" where it was built outside a repository.</param>
/// <param name="Machine">Processor and cores.</param>
public sealed record Origin(string Commit, string Machine)
{
    private const string Processors = "/proc/cpuinfo";
    private const int ShownOfCommit = 7;

    /// <summary>This program on this machine.</summary>
    public static Origin Here { get; } = new(OwnCommit(), OwnMachine());

    /// <summary>The build has put it into the version, behind a plus.</summary>
    internal static string CommitOf(string? version) => version?.Split('+') is [_, var commit]
        ? commit[..Math.Min(ShownOfCommit, commit.Length)] + (commit.EndsWith(".changes", StringComparison.Ordinal) ? "-changed" : "") : "unknown";

    private static string OwnCommit() => CommitOf(typeof(Origin).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);

    private static string OwnMachine()
    {
        string[] lines = File.Exists(Processors) ? File.ReadAllLines(Processors) : [];
        string? name = Array.Find(lines, line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        int used = Environment.ProcessorCount, there = Math.Max(used, lines.Count(line => line.StartsWith("processor", StringComparison.Ordinal)));
        return $"{name ?? "unknown processor"}, {there} cores{(used < there ? $", {used} used" : "")}";
    }
}
