namespace Tern.Evaluation;

/// <summary>Two items of a set, and whether they show the same: the same person, the same product.</summary>
/// <param name="First">Position of one item...</param>
/// <param name="Second">...and of the other.</param>
/// <param name="Same">What a verifier should say.</param>
/// <param name="Fold">The part of the list that the pair stands in.</param>
public readonly record struct VerificationPair(int First, int Second, bool Same, int Fold = 1);
