using Tern.Torch.Modules;

namespace Tern.Training.Losses;

/// <summary>What a term can know when it makes what it learns itself.</summary>
/// <param name="Features">D, the width of the network's embedding.</param>
/// <param name="Classes">C.</param>
/// <param name="TeacherFeatures">The width of the teacher's embedding; 0 without a teacher.</param>
public sealed record LossSizes(int Features, int Classes, int TeacherFeatures);

/// <summary>
/// What the terms of an objective learn themselves, by the position of the term: parameters <c>objective.1.weight</c>, ... in <c>training.parameters</c>. Empty
/// for most objectives.
/// </summary>
public sealed class LossModules : Module
{
    /// <summary>What the names of their parameters begin with.</summary>
    internal const string Prefix = "objective.";

    public LossModules(IReadOnlyList<Loss> objective, LossSizes sizes)
    {
        for (int i = 0; i < objective.Count; i++)
            if (objective[i].Learn(sizes) is { } module) Add($"{i}", module);
    }

    /// <summary>That of a term, or null.</summary>
    public Module? Of(int term) => Children.GetValueOrDefault($"{term}");
}
