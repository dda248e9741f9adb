using Tern.Torch.Modules;
using Tern.Training.Models;

namespace Tern.Training.Losses;

/// <summary>
/// The layers that terms of an objective train for themselves, by the place of the term: parameters <c>objective.1.weight</c>, ... in <c>training.parameters</c>. Empty for
/// most objectives.
/// </summary>
public sealed class LossAdapters : Module
{
    /// <summary>What the names of their parameters begin with.</summary>
    internal const string Prefix = "objective.";

    /// <summary>Checks every term on an example. Throws <see cref="TernException"/> where one cannot compare the two.</summary>
    /// <param name="student">What the network says of a picture.</param>
    /// <param name="teacher">What the teacher says of it; null without a teacher.</param>
    public LossAdapters(IReadOnlyList<Loss> objective, NetworkOutput student, NetworkOutput? teacher)
    {
        for (int i = 0; i < objective.Count; i++)
            if (teacher is not null && objective[i].MakeAdapter(student, teacher) is { } layer) Add($"{i}", layer);
    }

    /// <summary>That of a term, or null.</summary>
    public Layer? Of(int term) => (Layer?)Children.GetValueOrDefault($"{term}");
}
