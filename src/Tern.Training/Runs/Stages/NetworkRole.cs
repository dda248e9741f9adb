using Tern.Encoding;
using Tern.Training.Losses;
using Tern.Training.Models;
using Tern.Training.Fitting;
using Tern.Training.Quantization;
using Tern.Training.Recipes;

namespace Tern.Training.Runs.Stages;

/// <summary>A network's part in the chain: how it is built and trained, whom it learns from, what it starts from.</summary>
/// <param name="Teacher">The network that teaches it, or null.</param>
/// <param name="Start">The network whose weights it starts from, or null.</param>
/// <param name="Quantized">Which of its layers are quantised, or null.</param>
/// <param name="StartWeights">The file whose weights it starts from, or null.</param>
/// <param name="SearchBy">What it is judged by.</param>
/// <param name="Shown">The teacher where it is a file, or null.</param>
/// <param name="Weighting">How far the teacher is trusted on each picture, or null.</param>
public sealed record NetworkRole(
    string Name, ModelSpec Model, Loss[] Objective, FitOptions Training, NetworkRole? Teacher = null, NetworkRole? Start = null, QuantizeSpec? Quantized = null,
    StartSpec? StartWeights = null, SearchBy SearchBy = SearchBy.Code, ShownSpec? Shown = null, TeacherWeighting? Weighting = null)
{
    /// <summary>Every name that a network of a run can have.</summary>
    public static IReadOnlyList<string> Names { get; } = ["teacher", "student-plain", "student", "ternary", "quantized"];

    /// <summary>The networks of a resolved recipe in the order they are trained; the last is the one to ship.</summary>
    public static IEnumerable<NetworkRole> Of(Recipe recipe)
    {
        NetworkRole? teacher = recipe.Teacher?.Network is { } spec ? new NetworkRole("teacher", spec.Model, spec.Objective, spec.Training, StartWeights: spec.Start, SearchBy: spec.SearchBy) : null;
        if (teacher is not null) yield return teacher;
        if (recipe.Student is not { } student) yield break;
        NetworkRole Taught(NetworkRole role) => !role.Objective.Any(loss => loss.NeedsTeacher) ? role
            : role with { Teacher = teacher, Shown = recipe.Teacher?.File, Weighting = student.TeacherWeighting };
        NetworkRole taught = Taught(new NetworkRole("student", student.Model, student.Objective, student.Training, StartWeights: student.Start, SearchBy: student.SearchBy));
        if (student.WithoutDistillation && (taught.Teacher is not null || taught.Shown is not null))
            yield return new NetworkRole("student-plain", student.Model, student.PlainObjective, student.Training, StartWeights: student.Start, SearchBy: student.SearchBy);
        yield return taught;
        if (recipe.Quantize is { } quantize)
            yield return Taught(new NetworkRole(
                quantize.Layers!.All(layer => (layer.Bits ?? quantize.Bits) == 2) ? "ternary" : "quantized", student.Model, quantize.Objective!, quantize.Training,
                Start: taught, Quantized: quantize.Weights, SearchBy: student.SearchBy));
    }

    /// <summary>Whether its codes mean anything: they are judged beside its embedding where it is that which pictures are found by.</summary>
    public bool HasCodes => SearchBy == SearchBy.Code || Training.Hash == HashFit.IterativeQuantization || (IsHashTrained && Objective.Any(loss => loss.TrainsCodeOf(Model))) || Start?.HasCodes == true;

    private bool IsHashTrained => Training.Epochs > 0 || StartWeights?.Fresh?.Contains("hash") != true;

    /// <summary>The weights it ends with, within the run folder.</summary>
    public string WeightsFile => $"{Name}/weights.safetensors";

    /// <summary>One JSON line per epoch.</summary>
    public string MetricsFile => $"{Name}/metrics.jsonl";

    /// <summary>The exported model.</summary>
    public string ModelFile => $"{Name}/model.onnx";

    /// <summary>The same file under Brotli.</summary>
    public string CompressedModelFile => ModelFile + CompressedModel.Extension;

    /// <summary>What the model and its quantised layers cost on disk.</summary>
    public string SizesFile => $"{Name}/sizes.json";

    /// <summary>Packed codes of the training pictures.</summary>
    public string GalleryCodesFile => $"{Name}/codes.gallery.bin";

    /// <summary>Packed codes of the test pictures; only where a protocol uses them.</summary>
    public string QueryCodesFile => $"{Name}/codes.queries.bin";

    /// <summary>Embeddings of the training pictures, float32 rows; only where something is ranked by them.</summary>
    public string GalleryEmbeddingsFile => $"{Name}/embeddings.gallery.bin";

    /// <summary>Embeddings of the test pictures; only where a protocol uses them too.</summary>
    public string QueryEmbeddingsFile => $"{Name}/embeddings.queries.bin";

    /// <summary>How long encoding takes.</summary>
    public string TimingFile => $"{Name}/timing.json";

    /// <summary>Every measurement, one JSON line each.</summary>
    public string EvaluationFile => $"{Name}/evaluation.jsonl";

    /// <summary>The precision-recall curve of the first protocol of retrieval; only of codes.</summary>
    public string CurveFile => $"{Name}/curve.json";

    /// <summary>How far apart the pairs of every protocol of pairs are.</summary>
    public string DistancesFile => $"{Name}/distances.json";

    /// <summary>The ROC curves of the first protocol of pairs.</summary>
    public string RocFile => $"{Name}/roc.json";

    /// <summary>A fresh network of this shape, quantised layers included.</summary>
    public HashingNetwork Build(ImageShape input, int bits, int classes)
    {
        HashingNetwork network = Model.Build(input, bits, classes);
        Quantized?.Apply(network, Model);
        return network;
    }
}
