using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Tern.Cli.Output;

namespace Tern.Cli.Commands;

/// <summary>Processes of this program that run a study together, each with its part of the processor cores.</summary>
internal static class StudyWorkers
{
    /// <summary>The option by which a worker knows that it is one.</summary>
    public const string Option = "--worker";

    private static readonly Lock Lines = new();

    /// <summary>Starts so many, with the words of the command, and passes on what they say until all have ended. They end when this process does, however it does: their standard input closes.</summary>
    public static void Run(int count, IReadOnlyList<string> words, Terminal terminal, CancellationToken cancellation)
    {
        Process[] workers = [.. Enumerable.Range(1, count).Select(number => Start(number, count, words, terminal))];
        try
        {
            Task.WhenAll(workers.Select(worker => worker.WaitForExitAsync(cancellation))).GetAwaiter().GetResult();
        }
        finally
        {
            foreach (Process worker in workers) worker.StandardInput.Close();
            foreach (Process worker in workers)
            {
                worker.WaitForExit();
                worker.Dispose();
            }
        }
    }

    /// <summary>Of a worker: cancelled when the process that has started it is no more.</summary>
    public static CancellationTokenSource WhenAlone(CancellationToken cancellation)
    {
        var alone = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        new Thread(() =>
        {
            using Stream input = Console.OpenStandardInput();
            while (input.ReadByte() >= 0) { }
            alone.Cancel();
        }) { IsBackground = true }.Start();
        return alone;
    }

    /// <summary>The words that start this program: as it was started itself, or as a library's user starts it.</summary>
    private static string[] Program
    {
        get
        {
            Assembly tern = typeof(StudyWorkers).Assembly;
            string own = Environment.ProcessPath ?? "dotnet";
            if (Assembly.GetEntryAssembly() != tern) return ["dotnet", tern.Location];
            return Path.GetFileNameWithoutExtension(own) == "dotnet" ? [own, tern.Location] : [own];
        }
    }

    private static Process Start(int number, int count, IEnumerable<string> words, Terminal terminal)
    {
        var start = new ProcessStartInfo(Program[0], [.. Program[1..], .. words, Option]) { RedirectStandardInput = true, RedirectStandardError = true };
        string cores = Math.Max(1, Environment.ProcessorCount / count).ToString(CultureInfo.InvariantCulture);
        start.Environment["DOTNET_PROCESSOR_COUNT"] = cores;
        start.Environment["OMP_NUM_THREADS"] = cores;
        Process worker = Process.Start(start)!;
        worker.ErrorDataReceived += (_, said) =>
        {
            if (said.Data is not { } line) return;
            lock (Lines) terminal.Say($"{number}: {line}");
        };
        worker.BeginErrorReadLine();
        return worker;
    }
}
