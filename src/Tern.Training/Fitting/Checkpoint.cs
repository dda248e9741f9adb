using System.Text.Json;
using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Torch.Weights;
using Tern.Training.Runs;

namespace Tern.Training.Fitting;

/// <summary>
/// checkpoint-*.safetensors: weights ("network."), the optimiser's state ("optimizer."), the best weights ("best.") and, as metadata, the
/// <see cref="TrainingState"/>. One file replaced by rename, so that it is always whole.
/// </summary>
internal sealed class Checkpoint(string path)
{
    private const string Network = "network.", OptimizerState = "optimizer.", Best = "best.", State = "state";

    /// <summary>Replaces the checkpoint.</summary>
    public void Save(TrainingState state, Module network, IReadOnlyDictionary<string, Tensor> optimizer, IReadOnlyDictionary<string, Tensor> best)
    {
        var tensors = new Dictionary<string, Tensor>();
        foreach ((string name, Tensor tensor) in network.StateDict) tensors[Network + name] = tensor;
        foreach ((string name, Tensor tensor) in optimizer) tensors[OptimizerState + name] = tensor;
        foreach ((string name, Tensor tensor) in best) tensors[Best + name] = tensor;
        AtomicFile.Write(path, stream => SafetensorsFile.Write(stream, tensors, new Dictionary<string, string> { [State] = state.ToJson() }));
    }

    /// <summary>Fills network, optimiser and best weights; null when there is no checkpoint or it was made from other inputs.</summary>
    public TrainingState? Load(string inputs, Module network, IReadOnlyDictionary<string, Tensor> optimizer, IReadOnlyDictionary<string, Tensor> best)
    {
        if (!File.Exists(path)) return null;
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        try
        {
            SafetensorsContent content = SafetensorsFile.Read(path);
            TrainingState state = TrainingState.FromJson(content.Metadata.GetValueOrDefault(State) ?? throw new JsonException("it has no training state"));
            if (state.Inputs != inputs) return null;
            network.Load(Part(content, Network));
            Copy(Part(content, OptimizerState), optimizer);
            Copy(Part(content, Best), best);
            return state;
        }
        catch (Exception error) when (error is WeightFileException or StateDictMismatch or JsonException or KeyNotFoundException or TorchException)
        {
            throw new TernException($"{path} is not a checkpoint of this network: {error.Message}. Delete it to train this network from the start", error);
        }
    }

    /// <summary>How many epochs and steps of the next a checkpoint has done; null where the file is none, or damaged.</summary>
    public static (int Epochs, int Steps)? Done(string path)
    {
        using var scope = new TensorScope();
        try
        {
            if (!File.Exists(path) || SafetensorsFile.Read(path).Metadata.GetValueOrDefault(State) is not { } json) return null;
            TrainingState state = TrainingState.FromJson(json);
            return (state.Epoch, state.Step);
        }
        catch (Exception error) when (error is WeightFileException or JsonException) { return null; }
    }

    private static Dictionary<string, Tensor> Part(SafetensorsContent content, string prefix) =>
        content.Tensors.Where(named => named.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(named => named.Key[prefix.Length..], named => named.Value);

    private static void Copy(Dictionary<string, Tensor> source, IReadOnlyDictionary<string, Tensor> target)
    {
        foreach ((string name, Tensor tensor) in target) tensor.Copy_(source[name]);
    }
}
