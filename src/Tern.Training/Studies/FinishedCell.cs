namespace Tern.Training.Studies;

/// <summary>A cell and what its runs have found.</summary>
internal sealed record FinishedCell(StudyCell Cell, IReadOnlyList<RunNumbers> Runs);
