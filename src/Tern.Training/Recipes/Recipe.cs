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
    TeacherSpec? Teacher = null,
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
        if (network.Objective.Any(loss => loss.NeedsTeacher)) yield return "teacher.objective: a teacher has no teacher of its own; remove the distillation term";
        if (network.Training.Epochs > 0 && !network.Objective.Any(loss => loss.TrainsCodeOf(network.Model)) && taught.FirstOrDefault(loss => loss.LearnsFrom == Taps.Hash) is { } ofCodes)
            yield return "teacher.objective: its hash layer learns nothing to teach from; add {\"type\": \"codeSimilarity\", \"of\": \"own\"}, or teach by codeSimilarity in place of " + ofCodes.Name;
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
        Threads = Threads == 0 ? Environment.ProcessorCount : Threads,
    };
}

/// <summary>
/// The teacher: a model, its objective and its training; or, in place of all that, <paramref name="Shown"/> and <paramref name="Names"/>, files of what some other
/// network says of the pictures (<see cref="ShownSpec"/>), relative to the recipe's folder.
/// </summary>
public sealed record TeacherSpec(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ModelSpec? Model = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Loss[]? Objective = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FitOptions? Training = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] StartSpec? Start = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] SearchBy SearchBy = SearchBy.Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Shown = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Names = null)
{
    /// <summary>The network to train; null where the teacher is a file.</summary>
    [JsonIgnore]
    public NetworkSpec? Network => Model is not null && Objective is not null && Training is not null ? new NetworkSpec(Model, Objective, Training, Start, SearchBy) : null;

    /// <summary>The files; null where the teacher is a network.</summary>
    [JsonIgnore]
    public ShownSpec? File => Shown is not null && Names is not null ? new ShownSpec(Shown, Names) : null;

    /// <summary>What is out of range.</summary>
    public IEnumerable<string> Problems(ImageShape shape)
    {
        const string missing = "is missing; add an object {...}";
        if (Shown is null && Names is null)
        {
            if (Model is null) yield return $"model: {missing}, or shown and names for a teacher that is a file";
            if (Objective is null) yield return "objective: is missing; add a list [...], each an object {...}";
            if (Training is null) yield return $"training: {missing}";
            foreach (string problem in Network?.Problems(shape) ?? []) yield return problem;
            yield break;
        }
        if (Model is not null || Objective is not null || Training is not null || Start is not null || SearchBy != SearchBy.Code)
            yield return "shown: a file stands in place of model, objective, training, start and searchBy; keep either the file or those";
        if (Shown is null) yield return "shown: is missing; add the .safetensors file whose rows names names";
        else if (Shown.Contains('\0') || Path.GetExtension(Shown) != ".safetensors") yield return $"shown: must be a .safetensors file; got '{Shown.Replace("\0", "\\0")}'";
        if (Names is null) yield return "names: is missing; add the text file with the picture of each row of shown";
        else if (Names.Length == 0 || Names.Contains('\0')) yield return $"names: must be a text file; got '{Names.Replace("\0", "\\0")}'";
    }
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
/// <param name="TeacherWeighting">How far the teacher is trusted on each picture, also while quantising; none means on all alike.</param>
public sealed record StudentSpec(
    ModelSpec Model, Loss[] Objective, FitOptions Training, TeacherView TeacherView = TeacherView.Fixed, bool WithoutDistillation = true,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] StartSpec? Start = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] SearchBy SearchBy = SearchBy.Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TeacherWeighting? TeacherWeighting = null)
{
    /// <summary>The terms that need no teacher: what the student without distillation learns from.</summary>
    [JsonIgnore]
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

/// <summary>How models are judged: retrieval by full ranking, expected value over ties; verification by pairs.</summary>
/// <param name="Examples">Query rows the report shows.</param>
/// <param name="Neighbours">Pictures in a row.</param>
/// <param name="Protocols">By name, those of retrieval before those of pairs; the first one's numbers are the headline. None means test-vs-train, or pairs where data names them.</param>
/// <param name="RecallAt">The K of Recall@K and Precision@K, ascending from 1. None means 1, 2, 4, 8.</param>
/// <param name="Rerank">So many pictures that are nearest by code are also judged in the order of the network's own embedding.</param>
/// <param name="Mirror">Whether mirror images have a say where pairs are judged.</param>
public sealed record EvaluationSpec(
    int Examples = 10, int Neighbours = 10, string[]? Protocols = null, int[]? RecallAt = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Rerank = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] MirrorUse Mirror = MirrorUse.None)
{
    /// <summary>The protocols of retrieval, the headline's first.</summary>
    [JsonIgnore]
    public IReadOnlyList<RetrievalProtocol> Chosen => Protocols is null ? [RetrievalProtocol.All[0]] : [.. Protocols.Select(RetrievalProtocol.Find).OfType<RetrievalProtocol>()];

    /// <summary>The protocols of pairs, the headline's first.</summary>
    [JsonIgnore]
    public IReadOnlyList<VerificationProtocol> ByPairs => [.. (Protocols ?? []).Select(VerificationProtocol.Find).OfType<VerificationProtocol>()];

    /// <summary>What is out of range.</summary>
    public IEnumerable<string> Problems()
    {
        if (Examples is < 0 or > 100) yield return $"examples: must lie in 0..100; got {Examples}";
        if (Neighbours is < 1 or > 50) yield return $"neighbours: must lie in 1..50; got {Neighbours}";
        if (Rerank < 1) yield return $"rerank: must be at least 1; got {Rerank}";
        if (Protocols is []) yield return $"protocols: needs at least one name; leave it out to take {RetrievalProtocol.All[0].Name}";
        for (int i = 0; i < Protocols?.Length; i++)
        {
            string? name = NameOf(Protocols[i]);
            if (name is null) yield return $"protocols[{i}]: {NearestName.Suggest(Protocols[i], [.. RetrievalProtocol.Names, .. VerificationProtocol.Names])}";
            else if (Protocols.Take(i).Any(before => NameOf(before) == name)) yield return $"protocols[{i}]: each protocol must stand once; got {Protocols[i]}";
            else if (i > 0 && RetrievalProtocol.Find(name) is not null && VerificationProtocol.Find(Protocols[i - 1]) is not null)
                yield return $"protocols[{i}]: those of retrieval stand before those of pairs; got {Protocols[i]} after {Protocols[i - 1]}";
        }
        if (RecallAt is { } at && (at is not [1, ..] || at.Zip(at.Skip(1)).Any(pair => pair.First >= pair.Second)))
            yield return $"recallAt: must be whole numbers from 1 on, each larger than the one before; got {string.Join(", ", at)}";
    }

    /// <summary>The same with every default written out and every protocol under its own name.</summary>
    public EvaluationSpec Resolve(bool pairs) => this with
    {
        Protocols = pairs && Protocols is null ? [VerificationProtocol.All[0].Name] : [.. Chosen.Select(protocol => protocol.Name), .. ByPairs.Select(protocol => protocol.Name)],
        RecallAt = RecallAt ?? [.. new RetrievalOptions().TopK],
    };

    /// <summary>A protocol's own name, or null where there is none such.</summary>
    private static string? NameOf(string given) => RetrievalProtocol.Find(given)?.Name ?? VerificationProtocol.Find(given)?.Name;
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
