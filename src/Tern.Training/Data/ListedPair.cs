namespace Tern.Training.Data;

/// <summary>A picture in a list of pairs, and whom it shows.</summary>
/// <param name="Person">The name of the person's folder.</param>
/// <param name="Path">Of the file, in full.</param>
internal readonly record struct FacePicture(string Person, string Path);

/// <summary>A line of a list of pairs.</summary>
internal sealed record ListedPair(int Line, FacePicture First, FacePicture Second, bool Same, int Fold);
