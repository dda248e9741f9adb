namespace Tern.Tests.Durability;

/// <summary>What goes wrong at a step.</summary>
internal enum Failure
{
    /// <summary>The step fails.</summary>
    Once,

    /// <summary>Half of what is to be written is; then it fails.</summary>
    ShortWrite,

    /// <summary>From here on nothing can be written.</summary>
    FullDisk,

    /// <summary>From here on nothing works that changes anything.</summary>
    Stuck,

    /// <summary>The step is done, and reports that it failed.</summary>
    Late,

    /// <summary>The machine stops while it is at it.</summary>
    PowerLoss,
}

/// <summary>Not an error that anybody handles: the machine has stopped.</summary>
internal sealed class PowerLossException : Exception;
