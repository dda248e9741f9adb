using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Tern.Cli.Output;

namespace Tern.Cli.Commands;

/// <summary>Processes of this program that run a study together, each with its part of the processor cores and of the memory.</summary>
internal sealed class StudyWorkers : IDisposable
{
    /// <summary>The option by which a worker knows that it is one; its value is the command that was typed.</summary>
    public const string Option = "--worker";

    private readonly Terminal terminal;
    private readonly Lock lines = new();
    private readonly List<Process> workers = [];

    /// <summary>Starts so many with the words of the command, and passes on what they say.</summary>
    /// <exception cref="TernException">The system does not start them.</exception>
    public StudyWorkers(int count, IReadOnlyList<string> words, string typed, Terminal terminal)
    {
        this.terminal = terminal;
        try
        {
            for (int number = 1; number <= count; number++) Start(number, count, [.. words, Option, typed]);
        }
        catch (Win32Exception cause)
        {
            Dispose();
            throw new TernException($"worker {workers.Count + 1} of {count} cannot be started: {cause.Message}. Take fewer --jobs, and have dotnet in the PATH", cause);
        }
    }

    /// <summary>Waits until all have ended, and tells at once of one that has not ended well; whether all have.</summary>
    public bool Wait(CancellationToken cancellation) => Task.WhenAll(workers.Select((worker, place) => Ended(worker, place + 1, cancellation))).GetAwaiter().GetResult().All(well => well);

    private async Task<bool> Ended(Process worker, int number, CancellationToken cancellation)
    {
        await worker.WaitForExitAsync(cancellation);
        if (worker.ExitCode == 0) return true;
        Say($"worker {number} ended with exit code {worker.ExitCode}; what it leaves is done by the others, or tried here when they have ended");
        return false;
    }

    /// <summary>Ends those that still work, once they have saved what they have. They end when this process does too, however it does: their standard input closes.</summary>
    public void Dispose()
    {
        foreach (Process worker in workers) worker.StandardInput.Close();
        foreach (Process worker in workers)
        {
            worker.WaitForExit();
            worker.Dispose();
        }
    }

    /// <summary>Of a worker: cancelled when the process that has started it is no more.</summary>
    public static CancellationToken UntilAlone(CancellationToken cancellation)
    {
        var alone = CancellationTokenSource.CreateLinkedTokenSource(cancellation);      // lives as long as the thread, which is as long as the process
        new Thread(() =>
        {
            using Stream input = Console.OpenStandardInput();
            while (input.ReadByte() >= 0) { }
            alone.Cancel();
        }) { IsBackground = true }.Start();
        return alone.Token;
    }

    private void Start(int number, int count, string[] words)
    {
        string[] program = OwnProgram();
        var start = new ProcessStartInfo(program[0], [.. program[1..], .. words]) { RedirectStandardInput = true, RedirectStandardError = true };
        string cores = Math.Max(1, Environment.ProcessorCount / count).ToString(CultureInfo.InvariantCulture);
        start.Environment["DOTNET_PROCESSOR_COUNT"] = cores;
        start.Environment["OMP_NUM_THREADS"] = cores;
        start.Environment["DOTNET_GCHeapHardLimitPercent"] = Math.Max(1, 100 / count).ToString("X", CultureInfo.InvariantCulture);     // so that pictures too many for all are refused, not killed for
        Process worker = Process.Start(start)!;
        worker.ErrorDataReceived += (_, said) =>
        {
            if (said.Data is { } line) Say($"{number}: {line}");
        };
        worker.BeginErrorReadLine();
        workers.Add(worker);
    }

    private void Say(string text)
    {
        lock (lines) terminal.Say(text);
    }

    /// <summary>The words that start this program again: as it was started itself, or, where it serves as a library, by dotnet.</summary>
    private static string[] OwnProgram()
    {
        Assembly tern = typeof(StudyWorkers).Assembly;
        bool isDotnet = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        if (Assembly.GetEntryAssembly() == tern && !isDotnet) return [Environment.ProcessPath!];
        return [isDotnet ? Environment.ProcessPath! : "dotnet", tern.Location];
    }
}
