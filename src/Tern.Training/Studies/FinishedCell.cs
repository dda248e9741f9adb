namespace Tern.Training.Studies;

/// <summary>A cell and what its runs have found.</summary>
internal sealed record FinishedCell(StudyCell Cell, IReadOnlyList<RunNumbers> Runs)
{
    /// <summary>A cell that has ended, from its run folders.</summary>
    public static FinishedCell Of(StudyCell cell, RunIdentities identities, string command) => new(cell, [.. cell.Runs.Select(run => RunNumbers.Measured(run, identities.Of(run), command))]);
}
