using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Torch.Weights;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Runs.Stages;

/// <summary>Networks that an earlier stage has trained.</summary>
internal static class TrainedNetwork
{
    /// <summary>Builds a network and loads what its training left.</summary>
    public static HashingNetwork Load(RunContext context, NetworkRole role)
    {
        Require(context, role);
        HashingNetwork network = role.Build(context.Recipe.Data.Shape, context.Recipe.Bits, context.Data.Learn.Classes.Count);
        try
        {
            network.Load(SafetensorsFile.Read(context.Folder[role.WeightsFile]).Tensors);
        }
        catch (Exception error) when (error is WeightFileException or StateDictMismatch)
        {
            throw new TernException($"{error.Message}. Delete {context.Folder[role.WeightsFile]} to train {role.Name} again", error);
        }
        network.Train(false);
        return network;
    }

    /// <summary>Whom its weights have learned from; empty where they do not say.</summary>
    public static IReadOnlyList<string> People(RunContext context, NetworkRole role)
    {
        Require(context, role);
        using var scope = new TensorScope();
        return LearnedPictures.Read(SafetensorsFile.Read(context.Folder[role.WeightsFile]).Metadata)?.People ?? [];
    }

    /// <summary>SHA-256 of its weights.</summary>
    public static string Hash(RunContext context, NetworkRole role)
    {
        Require(context, role);
        return context.Folder.Hash(role.WeightsFile);
    }

    private static void Require(RunContext context, NetworkRole role)
    {
        if (!File.Exists(context.Folder[role.WeightsFile]))
            throw new TernException($"{context.Folder.Path} has no trained {role.Name} yet: run the stage that trains it first, or everything with 'tern run'");
    }
}
