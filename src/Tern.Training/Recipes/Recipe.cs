using System.Text.Json.Serialization;
using Tern.Evaluation;
using Tern.Training.Data;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Recipes;

/// <summary>Everything a run does, as one JSON file says it: the data, the teacher, the student, what becomes ternary, how it is judged.</summary>
/// <param name="Name">Of the run folder.</param>
/// <param name="Bits">K, the length of a code.</param>
/// <param name="Seed">Of weights, order, augmentation and the validation split.</param>
/// <param name="Threads">Processor cores to use, if there are so many; 0 means all.</param>
/// <param name="Student">May be left out where a teacher alone is trained.</param>
/// <param name="Teacher">May be left out where no term of the student's objective compares with one.</param>
public sealed record Recipe(
    string Name,
    int Bits,
    DataSpec Data,
    StudentSpec? Student = null,
    TeacherSpec? Teacher = null,
    TernarySpec? Quantize = null,
    EvaluationSpec? Evaluate = null,
    ulong Seed = 1,
    int Threads = 0)
{
    /// <summary>How many processor cores that means here. No part of what a run is: it may go on elsewhere.</summary>
    [JsonIgnore]
    public int Cores => Threads == 0 ? Environment.ProcessorCount : Math.Min(Threads, Environment.ProcessorCount);

    /// <summary>What is out of range, everywhere, each as "path: what; got value".</summary>
    public IEnumerable<string> Problems()
    {
        if (Name.Length == 0 || Name.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0 || Name is "." or "..") yield return $"name: must be usable as a folder name; got '{Name}'";
        if (Bits is < 1 or > 1024) yield return $"bits: must lie in 1..1024; got {Bits}";
        if (Threads is < 0 or > 256) yield return $"threads: must lie in 0..256, 0 for all cores; got {Threads}";
        foreach (string problem in Data.Problems()) yield return $"data.{problem}";
        foreach (string problem in TeacherProblems()) yield return problem;
        foreach (string problem in Student?.Problems(Data.Shape) ?? []) yield return $"student.{problem}";
        if (Student is not null) foreach (string problem in Quantize?.Problems(Data.Shape, Student.Model) ?? []) yield return $"quantize.{problem}";
        else if (Quantize is not null) yield return "quantize: is made from the student, which is missing; add student or leave quantize out";
        foreach (string problem in BatchProblems()) yield return problem;
        foreach (string problem in Evaluate?.Problems() ?? []) yield return $"evaluate.{problem}";
        if (Data.Pairs is null && Evaluate?.ByPairs is [var first, ..]) yield return $"evaluate.protocols: {first.Name} judges pairs, and none are named; add \"pairs\": {{\"file\": \"pairs.txt\"}} to data";
    }

    private IEnumerable<string> TeacherProblems()
    {
        if (Student is null && Teacher is null) yield return "teacher: is missing, and so is student; add at least one of them, an object {...}";
        if (Student is null && Teacher?.File is not null) yield return "student: is missing, and a teacher that is a file leaves nothing to train; add an object {...}";
        Loss[] taught = [.. (Student?.Objective ?? []).Concat(Quantize?.Objective ?? []).Where(loss => loss.NeedsTeacher)];
        if (Student?.TeacherWeighting is not null && taught.Length == 0) yield return "student.teacherWeighting: no term learns from a teacher; leave it out";
        if (Teacher is null)
        {
            if (taught.Length > 0) yield return $"teacher: is missing, and {taught[0].Name} learns from one; add an object {{...}}";
            yield break;
        }
        foreach (string problem in Teacher.Problems(Data.Shape)) yield return $"teacher.{problem}";
        if (Teacher.File is not null)
        {
            if (taught.FirstOrDefault(loss => loss.LearnsFrom is not (Taps.Embedding or Taps.Logits)) is { } more)
                yield return $"teacher.shown: a file has {Taps.Embedding} and {Taps.Logits} alone, and {more.Name} learns from {more.LearnsFrom}; take hint, relational or softLabels, or a teacher with a model";
            if (Student?.TeacherView == TeacherView.Same) yield return "student.teacherView: a teacher that is a file has seen each picture as it is; take fixed; got same";
        }
        else if (Student?.TeacherView == TeacherView.Fixed && taught.FirstOrDefault(loss => loss.LearnsFrom is { } name && Taps.IsInside(name)) is { } inner)
            yield return $"student.teacherView: fixed keeps {Taps.Embedding}, {Taps.Hash} and {Taps.Logits} of a teacher, and {inner.Name} learns from its layer {inner.LearnsFrom}; take same";
        if (Teacher.Network is not { } network) yield break;
        if (Student is { TeacherView: TeacherView.Same, Training.Window: not null } && !network.Model.TakesAnySize)
            yield return "student.training.window: the teacher looks at the same window, and its layers are made for one size of picture; leave window out, or set teacherView to fixed";
        if (network.Objective.Any(loss => loss.NeedsTeacher)) yield return "teacher.objective: a teacher has no teacher of its own; remove the distillation term";
        if (network.Training is { Epochs: > 0, Hash: HashFit.Objective } && !network.Objective.Any(loss => loss.TrainsCodeOf(network.Model)) && taught.FirstOrDefault(loss => loss.LearnsFrom == Taps.Hash) is { } ofCodes)
            yield return "teacher.objective: its hash layer learns nothing to teach from; set training.hash to \"iterativeQuantization\", or teach by codeSimilarity in place of " + ofCodes.Name;
        if (network.Objective.Any(loss => loss.UsesClassifier)) yield break;
        if (taught.Any(loss => loss.UsesClassifier))
            yield return "teacher.objective: its classifier learns nothing to teach from; add {\"type\": \"crossEntropy\"}, or remove softLabels from the others";
        else if (Student?.TeacherWeighting is not null)
            yield return "teacher.objective: its classifier learns nothing, and student.teacherWeighting compares classifiers; add {\"type\": \"crossEntropy\"}, or leave teacherWeighting out";
    }

    private IEnumerable<string> BatchProblems()
    {
        foreach ((string path, Loss[] objective, FitOptions training) in Networks())
            if (training.Epochs > 0 && training.Batches?.HoldsPositives is not true && objective.FirstOrDefault(loss => loss.NeedsPositives) is { } ranking)
                yield return $"{path}.training.batches: {ranking.Name} learns from several pictures of a class in a batch; use {{\"type\": \"balanced\", \"classes\": 8, \"perClass\": 4}}; "
                    + $"got {(training.Batches is BalancedBatches balanced ? $"perClass {balanced.PerClass}" : "shuffled ones")}";
    }

    /// <summary>Every network that is trained: its place in the recipe, what it learns from, and how.</summary>
    private IEnumerable<(string Path, Loss[] Objective, FitOptions Training)> Networks()
    {
        if (Teacher?.Network is { } teacher) yield return ("teacher", teacher.Objective, teacher.Training);
        if (Student is null) yield break;
        yield return ("student", Student.Objective, Student.Training);
        if (Quantize is not null) yield return ("quantize", Quantize.Objective ?? Student.Objective, Quantize.Training);
    }

    /// <summary>What does not fit the training pictures, each as "path: what; got value".</summary>
    public IEnumerable<string> Problems(Labels labels, int classes)
    {
        if (labels.AreMasks && Student?.TeacherWeighting is not null) yield return "student.teacherWeighting: takes a picture to be of one class, but these carry several labels; leave it out";
        foreach ((string path, Loss[] objective, FitOptions training) in Networks())
        {
            for (int i = 0; i < objective.Length; i++)
                if (labels.AreMasks && objective[i].NeedsOneLabel) yield return $"{path}.objective[{i}]: {objective[i].Name} takes a picture to be of one class, but these carry several labels; use binaryCrossEntropy";
            foreach (string problem in objective.SelectMany((loss, i) => loss.Problems(Bits, classes).Select(problem => $"{path}.objective[{i}]: {loss.Name}: {problem}"))) yield return problem;
            foreach (string problem in training.Batches?.Problems(labels) ?? []) yield return $"{path}.training.batches.{problem}";
        }
    }

    /// <summary>The same with every default written out: what the run folder keeps.</summary>
    public Recipe Resolve() => this with
    {
        Teacher = Teacher is null ? null : Teacher with { Training = Teacher.Training?.Resolve() },
        Student = Student is null ? null : Student with { Training = Student.Training.Resolve(), TeacherWeighting = Student.TeacherWeighting?.Resolve() },
        Quantize = Quantize?.Resolve(Student!.Objective),
        Evaluate = (Evaluate ?? new EvaluationSpec()).Resolve(pairs: Data.Pairs is not null),
    };
}
