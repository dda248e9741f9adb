namespace Tern.Training.Data;

/// <summary>A picture in a list of pairs, and whom it shows.</summary>
/// <param name="Path">Of the file, in full.</param>
internal readonly record struct ListedPicture(string Person, string Path);

/// <summary>A line of a list of pairs.</summary>
internal sealed record ListedPair(int Line, ListedPicture First, ListedPicture Second, bool Same, int Fold);
