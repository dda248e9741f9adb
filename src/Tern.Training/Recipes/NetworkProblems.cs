using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Recipes;

internal static class NetworkProblems
{
    internal static IEnumerable<string> Of(ModelSpec model, Loss[] objective, FitOptions training, StartSpec? start, SearchBy searchBy, ImageShape shape)
    {
        foreach (string problem in model.Problems(shape)) yield return $"model.{problem}";
        foreach (string problem in OfObjective(objective, model)) yield return problem;
        Loss? ofCodes = objective.FirstOrDefault(loss => loss.TrainsCodeOf(model));
        if (training is { Epochs: > 0, Hash: HashFit.IterativeQuantization } && ofCodes is not null)
            yield return $"training.hash: iterativeQuantization replaces the hash layer that {ofCodes.Name} trains; leave one of them out";
        if (searchBy == SearchBy.Code && training is { Epochs: > 0, Hash: HashFit.Objective } && objective.Length > 0 && ofCodes is null)
            yield return "objective: nothing trains the hash layer that pictures are found by; set training.hash to \"iterativeQuantization\", or searchBy to \"embedding\"";
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
