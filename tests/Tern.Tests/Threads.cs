namespace Tern.Tests;

/// <summary>Threads apart from the pool, on which the tests themselves run.</summary>
internal static class Threads
{
    /// <summary>Starts work on a thread of its own.</summary>
    public static Task Start(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
