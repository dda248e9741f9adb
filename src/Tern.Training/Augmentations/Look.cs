namespace Tern.Training.Augmentations;

/// <summary>Which picture is looked at, and the how-manieth epoch it is, both from 0.</summary>
public readonly record struct Look(int Picture, int Time);
