using Tern.Training.Fitting;

namespace Tern.Training.Runs;

/// <summary>What a run tells whoever watches it.</summary>
public abstract record RunEvent;

/// <summary>Stage <paramref name="Number"/> of <paramref name="Count"/> begins.</summary>
public sealed record StageStarted(string Stage, int Number, int Count) : RunEvent;

/// <summary>Its inputs have not changed since it last ended: nothing to do.</summary>
public sealed record StageUpToDate(string Stage, int Number, int Count) : RunEvent;

/// <summary>Another run had done the same work: its files were copied from the folder <paramref name="Donor"/>.</summary>
public sealed record StageCopied(string Stage, int Number, int Count, string Donor) : RunEvent;

/// <summary>The stage has ended and its files are on disk.</summary>
public sealed record StageFinished(string Stage, TimeSpan Took) : RunEvent;

/// <summary>How far a stage is.</summary>
public sealed record StageAdvanced(string Stage, long Done, long Total) : RunEvent;

/// <summary>How far training is.</summary>
public sealed record TrainingAdvanced(FitProgress Progress) : RunEvent;

/// <summary>Something the user should know but that stops nothing.</summary>
public sealed record RunWarning(string Text) : RunEvent;
