namespace Tern.Training.Runs;

/// <summary>One step of a run: it turns inputs into files, and is skipped while both are as they were.</summary>
public abstract class Stage(RunContext context)
{
    /// <summary>Unique within a run.</summary>
    public abstract string Name { get; }

    /// <summary>Everything the result depends on, as text; asked for after the stages before it have ended.</summary>
    public abstract string Inputs { get; }

    /// <summary>Raised when the same inputs come to mean another result: what older programs left is then made anew.</summary>
    protected virtual int Version => 1;

    /// <summary>SHA-256 of everything the result depends on.</summary>
    public string InputsHash => RunContext.Hash($"{Version}\n{Inputs}");

    /// <summary>Files it leaves, by path within the run folder.</summary>
    public abstract IReadOnlyList<string> Outputs { get; }

    /// <summary>What it shares with the others.</summary>
    protected RunContext Context { get; } = context;

    /// <summary>Called for every stage before the first one runs: throws <see cref="TernException"/> on what would stop this one later.</summary>
    public virtual void Check() { }

    /// <summary>Does the work; everything in <see cref="Outputs"/> is on disk when it returns.</summary>
    public abstract void Run();

    /// <summary>What earlier starts of it took before they were interrupted, as far as their work was kept; known once it has run.</summary>
    public virtual TimeSpan Earlier => TimeSpan.Zero;

    /// <summary>Where it saves what it has done so far, by path within the run folder: named after its inputs, so that another run with the same may go on from it. Null where it saves nothing.</summary>
    public virtual string? Unfinished => null;

    /// <summary>How much a file such as <see cref="Unfinished"/> holds, epochs and steps; null where it holds nothing.</summary>
    public virtual (int Epochs, int Steps)? Done(string path) => null;

    /// <summary>Removes what was only needed until the stage was recorded as done.</summary>
    public virtual void CleanUp() { }
}
