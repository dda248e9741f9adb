using System.Text.Json.Serialization;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Recipes;

/// <summary>Which view of a picture the teacher judges.</summary>
public enum TeacherView
{
    /// <summary>The picture as it is, once: the teacher's outputs are kept for the whole training.</summary>
    Fixed,

    /// <summary>The student's own augmented view, anew at each step.</summary>
    Same,
}

/// <summary>The student: a network with a teacher.</summary>
/// <param name="TeacherView">What the teacher looks at.</param>
/// <param name="WithoutDistillation">Where there is a teacher, also train the same network without it, for comparison.</param>
/// <param name="Start">Weights it starts from, with and without distillation; none means random ones.</param>
/// <param name="SearchBy">What it is judged by, and its quantised form too.</param>
/// <param name="TeacherWeighting">How far the teacher is trusted on each picture, also while quantising; none means on all alike.</param>
public sealed record StudentSpec(
    ModelSpec Model, Loss[] Objective, FitOptions Training, TeacherView TeacherView = TeacherView.Fixed, bool WithoutDistillation = true,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] StartSpec? Start = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] SearchBy SearchBy = SearchBy.Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TeacherWeighting? TeacherWeighting = null)
{
    /// <summary>The terms that need no teacher: what the student without distillation learns from.</summary>
    public Loss[] PlainObjective => [.. Objective.Where(loss => !loss.NeedsTeacher)];

    /// <summary>What is out of range.</summary>
    public IEnumerable<string> Problems(ImageShape shape)
    {
        foreach (string problem in NetworkProblems.Of(Model, Objective, Training, Start, SearchBy, shape)) yield return problem;
        foreach (string problem in TeacherWeighting?.Problems() ?? []) yield return $"teacherWeighting.{problem}";
        if (TeacherWeighting is not null && !Objective.Any(loss => loss.UsesClassifier))
            yield return "teacherWeighting: compares classifiers, and the student's learns nothing; add {\"type\": \"crossEntropy\"} to the objective, or leave it out";
        if (WithoutDistillation && Objective.Length > 0 && PlainObjective.Length == 0) yield return "objective: without distillation no term is left; add crossEntropy or set withoutDistillation to false";
    }
}
