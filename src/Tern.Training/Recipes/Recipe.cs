using System.Text.Json.Serialization;
using Tern.Evaluation;
using Tern.Training.Data;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;
using Tern.Training.Protocols;
using Tern.Training.Quantization;

namespace Tern.Training.Recipes;

/// <summary>Everything a run does, as one JSON file says it: the data, the teacher, the student, what becomes ternary, how it is judged.</summary>
/// <param name="Name">Of the run folder.</param>
/// <param name="Bits">K, the length of a code.</param>
/// <param name="Seed">Of weights, order, augmentation and the validation split.</param>
/// <param name="Threads">Processor cores to use; 0 means all.</param>
/// <param name="Student">May be left out where a teacher alone is trained.</param>
/// <param name="Teacher">May be left out where no term of the student's objective compares with one.</param>
public sealed record Recipe(
    string Name,
    int Bits,
    DataSpec Data,
    StudentSpec? Student = null,
    NetworkSpec? Teacher = null,
    TernarySpec? Quantize = null,
    EvaluationSpec? Evaluate = null,
    ulong Seed = 1,
    int Threads = 0)
{
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
    }

    private IEnumerable<string> TeacherProblems()
    {
        if (Student is null && Teacher is null) yield return "teacher: is missing, and so is student; add at least one of them, an object {...}";
        Loss[] taught = [.. (Student?.Objective ?? []).Concat(Quantize?.Objective ?? []).Where(loss => loss.NeedsTeacher)];
        if (Teacher is null)
        {
            if (taught.Length > 0) yield return $"teacher: is missing, and {taught[0].Name} learns from one; add an object {{...}}";
            yield break;
        }
        foreach (string problem in Teacher.Problems(Data.Shape)) yield return $"teacher.{problem}";
        if (Teacher.Objective.Any(loss => loss.NeedsTeacher)) yield return "teacher.objective: a teacher has no teacher of its own; remove the distillation term";
        if (taught.Any(loss => loss is CodeDistillationLoss) && Teacher.Training.Epochs > 0 && !Teacher.Objective.Any(loss => loss.TrainsCodeOf(Teacher.Model)))
            yield return "teacher.objective: its hash layer learns nothing to teach from; add {\"type\": \"codeSimilarity\", \"of\": \"own\"}, or teach by codeSimilarity in place of codeDistillation";
        if (taught.Any(loss => loss.UsesClassifier) && !Teacher.Objective.Any(loss => loss.UsesClassifier))
            yield return "teacher.objective: its classifier learns nothing to teach from; add {\"type\": \"crossEntropy\"}, or remove softLabels from the others";
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
        if (Teacher is not null) yield return ("teacher", Teacher.Objective, Teacher.Training);
        if (Student is null) yield break;
        yield return ("student", Student.Objective, Student.Training);
        if (Quantize is not null) yield return ("quantize", Quantize.Objective ?? Student.Objective, Quantize.Training);
    }

    /// <summary>What does not fit the training pictures, each as "path: what; got value".</summary>
    public IEnumerable<string> Problems(Labels labels, int classes)
    {
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
        Teacher = Teacher is null ? null : Teacher with { Training = Teacher.Training.Resolve() },
        Student = Student is null ? null : Student with { Training = Student.Training.Resolve() },
        Quantize = Quantize?.Resolve(Student!.Objective),
        Evaluate = (Evaluate ?? new EvaluationSpec()).Resolve(),
        Threads = Threads == 0 ? Environment.ProcessorCount : Threads,
    };
}

/// <summary>A network and how it is trained.</summary>
/// <param name="Training">With <c>epochs</c> 0 the network is judged as it starts.</param>
/// <param name="Start">Weights it starts from; none means random ones.</param>
/// <param name="SearchBy">What it is judged by.</param>
public sealed record NetworkSpec(
    ModelSpec Model, Loss[] Objective, FitOptions Training,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] StartSpec? Start = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] SearchBy SearchBy = SearchBy.Code)
{
    /// <summary>What is out of range.</summary>
    public IEnumerable<string> Problems(ImageShape shape) => NetworkProblems.Of(Model, Objective, Training, Start, SearchBy, shape);
}

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
public sealed record StudentSpec(
    ModelSpec Model, Loss[] Objective, FitOptions Training, TeacherView TeacherView = TeacherView.Fixed, bool WithoutDistillation = true,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] StartSpec? Start = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] SearchBy SearchBy = SearchBy.Code)
{
    /// <summary>The terms that need no teacher: what the student without distillation learns from.</summary>
    [JsonIgnore]
    public Loss[] PlainObjective => [.. Objective.Where(loss => !loss.NeedsTeacher)];

    /// <summary>What is out of range.</summary>
    public IEnumerable<string> Problems(ImageShape shape)
    {
        foreach (string problem in NetworkProblems.Of(Model, Objective, Training, Start, SearchBy, shape)) yield return problem;
        if (WithoutDistillation && Objective.Length > 0 && PlainObjective.Length == 0) yield return "objective: without distillation no term is left; add crossEntropy or set withoutDistillation to false";
    }
}

/// <summary>How the student's weights become ternary (or of 1 or 8 bits): from its trained weights, training on.</summary>
/// <param name="Training">With <c>epochs</c> 0 the weights are quantised as they are and nothing is trained.</param>
/// <param name="Threshold">Weights within this share of the layer's largest become 0; 0.05 where neither this nor <paramref name="ZeroRatio"/> is given.</param>
/// <param name="ZeroRatio">The share of a layer's weights that become 0, in place of a threshold.</param>
/// <param name="Bits">2 (ternary), 1 or 8.</param>
/// <param name="Layers">Which, by name or kind, each with values of its own where they differ; none means <c>fullyConnected</c>.</param>
/// <param name="Objective">None means the student's.</param>
public sealed record TernarySpec(
    FitOptions Training,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Threshold = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? ZeroRatio = null,
    int Bits = 2,
    LayerChoice[]? Layers = null,
    Loss[]? Objective = null)
{
    /// <summary>Which layers, and how.</summary>
    [JsonIgnore]
    public QuantizeSpec Weights => new(Threshold, ZeroRatio, Bits, Layers);

    /// <summary>The same with every default written out.</summary>
    public TernarySpec Resolve(Loss[] student)
    {
        QuantizeSpec weights = Weights.Resolve();
        return this with { Training = Training.Resolve(), Threshold = weights.Threshold, Layers = weights.Layers, Objective = Objective ?? student };
    }

    /// <summary>What is out of range.</summary>
    public IEnumerable<string> Problems(ImageShape shape, ModelSpec model)
    {
        foreach (string problem in Weights.Problems(model, shape)) yield return problem;
        foreach (string problem in Objective is null ? [] : NetworkProblems.OfObjective(Objective, model)) yield return problem;
        foreach (string problem in Training.Problems(shape, fewestEpochs: 0)) yield return $"training.{problem}";
        foreach (string problem in NetworkProblems.OfWindow(Training.Window, model, shape)) yield return $"training.window.{problem}";
    }
}

/// <summary>How models are judged: full ranking, expected value over ties.</summary>
/// <param name="Examples">Query rows the report shows.</param>
/// <param name="Neighbours">Pictures in a row.</param>
/// <param name="Protocols">Who asks and who answers, by name; the first one's numbers are the headline. None means test-vs-train.</param>
/// <param name="RecallAt">The K of Recall@K and Precision@K, ascending from 1. None means 1, 2, 4, 8.</param>
/// <param name="Rerank">So many pictures that are nearest by code are also judged in the order of the network's own embedding.</param>
public sealed record EvaluationSpec(
    int Examples = 10, int Neighbours = 10, string[]? Protocols = null, int[]? RecallAt = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Rerank = null)
{
    /// <summary>The protocols, the headline's first.</summary>
    [JsonIgnore]
    public IReadOnlyList<RetrievalProtocol> Chosen => Protocols is null ? [RetrievalProtocol.All[0]] : [.. Protocols.Select(name => RetrievalProtocol.Find(name)!)];

    /// <summary>What is out of range.</summary>
    public IEnumerable<string> Problems()
    {
        if (Examples is < 0 or > 100) yield return $"examples: must lie in 0..100; got {Examples}";
        if (Neighbours is < 1 or > 50) yield return $"neighbours: must lie in 1..50; got {Neighbours}";
        if (Rerank < 1) yield return $"rerank: must be at least 1; got {Rerank}";
        if (Protocols is []) yield return $"protocols: needs at least one name; leave it out to take {RetrievalProtocol.All[0].Name}";
        for (int i = 0; i < Protocols?.Length; i++)
        {
            if (RetrievalProtocol.Find(Protocols[i]) is not { } protocol) yield return $"protocols[{i}]: {NearestName.Suggest(Protocols[i], [.. RetrievalProtocol.Names])}";
            else if (Protocols.Take(i).Any(before => RetrievalProtocol.Find(before) == protocol)) yield return $"protocols[{i}]: each protocol must stand once; got {Protocols[i]}";
        }
        if (RecallAt is { } at && (at is not [1, ..] || at.Zip(at.Skip(1)).Any(pair => pair.First >= pair.Second)))
            yield return $"recallAt: must be whole numbers from 1 on, each larger than the one before; got {string.Join(", ", at)}";
    }

    /// <summary>The same with every default written out and every protocol under its own name.</summary>
    public EvaluationSpec Resolve() => this with { Protocols = [.. Chosen.Select(protocol => protocol.Name)], RecallAt = RecallAt ?? [.. new RetrievalOptions().TopK] };
}

internal static class NetworkProblems
{
    internal static IEnumerable<string> Of(ModelSpec model, Loss[] objective, FitOptions training, StartSpec? start, SearchBy searchBy, ImageShape shape)
    {
        foreach (string problem in model.Problems(shape)) yield return $"model.{problem}";
        foreach (string problem in OfObjective(objective, model)) yield return problem;
        if (searchBy == SearchBy.Code && training.Epochs > 0 && objective.Length > 0 && !objective.Any(loss => loss.TrainsCodeOf(model)))
            yield return "objective: nothing trains the hash layer that pictures are found by; add {\"type\": \"codeSimilarity\", \"of\": \"own\"}, or set searchBy to \"embedding\"";
        foreach (string problem in training.Problems(shape, fewestEpochs: start is null ? 1 : 0)) yield return $"training.{problem}";
        foreach (string problem in OfWindow(training.Window, model, shape)) yield return $"training.window.{problem}";
        foreach (string problem in start?.Problems() ?? []) yield return $"start.{problem}";
    }

    internal static IEnumerable<string> OfWindow(EarlyWindow? window, ModelSpec model, ImageShape shape)
    {
        if (window is null) yield break;
        if (!model.TakesAnySize) yield return "side: this model's layers are made for one size of picture; leave window out";
        foreach (string problem in model.Problems(shape with { Height = window.Side, Width = window.Side })) yield return $"side: too small: {problem}";
    }

    internal static IEnumerable<string> OfObjective(Loss[] objective, ModelSpec model)
    {
        if (objective.Length == 0) yield return "objective: needs at least one term; add {\"type\": \"crossEntropy\"}";
        for (int i = 0; i < objective.Length; i++)
        {
            foreach (string problem in objective[i].Problems()) yield return $"objective[{i}].{problem}";
            if (objective[i].ClassifiesCodes && !model.ClassifiesCodes)
                yield return $"objective[{i}]: {objective[i].Name} has the classifier read codes; set model.classifier to \"code\", or take another objective";
        }
    }
}
