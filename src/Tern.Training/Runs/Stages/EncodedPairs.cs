using System.Text.Json;
using System.Text.Json.Serialization;
using Tern.Encoding;
using Tern.Evaluation;
using Tern.Training.Data;
using Tern.Training.Protocols;
using Tern.Training.Recipes;

namespace Tern.Training.Runs.Stages;

/// <summary>How far apart a model finds the pairs of a protocol, in the order of their list.</summary>
/// <param name="Protocol">pairs, pairs-dark, ...</param>
/// <param name="Cosine">1 - cosine similarity of embeddings.</param>
/// <param name="Hamming">Bits that differ.</param>
/// <param name="HeldBackCosine">The same of the pairs of held-back pictures, which a threshold is chosen on where there is one fold.</param>
/// <param name="HeldBackHamming">Bits that differ between these.</param>
public sealed record ProtocolDistances(string Protocol, double[] Cosine, double[] Hamming, double[] HeldBackCosine, double[] HeldBackHamming);

/// <summary>distances.json: what <see cref="EncodeStage"/> leaves of the pairs that the recipe's protocols judge, and what <see cref="EvaluateStage"/> makes of it.</summary>
internal static class EncodedPairs
{
    /// <summary>Whether a protocol of the recipe judges pairs.</summary>
    public static bool Any(RunContext context) => context.Recipe.Evaluate!.ByPairs.Count > 0;

    /// <summary>Everything the distances depend on besides the model and the pictures; nothing where no pairs are judged.</summary>
    public static string Inputs(RunContext context)
    {
        EvaluationSpec spec = context.Recipe.Evaluate!;
        return Any(context) ? string.Join('\n', [spec.Mirror, context.Recipe.Seed, context.Recipe.Data.HeldBack, .. spec.ByPairs.Select(protocol => protocol.Name)]) : "";
    }

    /// <summary>Encodes the test pictures and those held back as each protocol shows them.</summary>
    public static void Write(RunContext context, NetworkRole role, ImageEncoder encoder)
    {
        EvaluationSpec spec = context.Recipe.Evaluate!;
        RunData data = context.Data;
        VerificationPair[] held = HeldBackPairs.Of(data.Validation.Labels);
        long total = (long)spec.ByPairs.Count * PairEncoder.Passes(spec.Mirror) * (data.Test.Count + data.Validation.Count), before = 0;
        MeasuredPairs Measure(VerificationProtocol protocol, PixelStore store, IReadOnlyList<VerificationPair> pairs)
        {
            MeasuredPairs measured = PairEncoder.Measure(
                encoder, store, pairs, protocol, spec.Mirror, context.Cancellation, done => context.Progress.Report(new StageAdvanced($"encode {role.Name}", before + done, total)));
            before += PairEncoder.Passes(spec.Mirror) * store.Count;
            return measured;
        }
        var rows = new List<ProtocolDistances>();
        foreach (VerificationProtocol protocol in spec.ByPairs)
        {
            MeasuredPairs tested = Measure(protocol, data.Test, data.Pairs!.Pairs), heldBack = Measure(protocol, data.Validation, held);
            rows.Add(new ProtocolDistances(protocol.Name, [.. tested.Cosine], [.. tested.Hamming], [.. heldBack.Cosine], [.. heldBack.Hamming]));
        }
        AtomicFile.WriteText(context.Folder[role.DistancesFile], JsonSerializer.Serialize([.. rows], DistancesJson.Default.ProtocolDistancesArray) + "\n");
    }

    /// <summary>What every protocol of pairs finds, by embeddings and, where something has trained them, by codes.</summary>
    public static IEnumerable<VerificationResult> Judge(RunContext context, NetworkRole role, Protocol measured)
    {
        if (!Any(context)) yield break;
        EvaluationSpec spec = context.Recipe.Evaluate!;
        PairSet pairs = context.Data.Pairs!;
        VerificationPair[] held = HeldBackPairs.Of(context.Data.Validation.Labels);
        ProtocolDistances[] rows = JsonSerializer.Deserialize(File.ReadAllText(context.Folder[role.DistancesFile]), DistancesJson.Default.ProtocolDistancesArray)!;
        foreach (VerificationProtocol protocol in spec.ByPairs)
        {
            ProtocolDistances row = rows.First(kept => kept.Protocol == protocol.Name);
            foreach (VerificationResult result in protocol.Evaluate(
                pairs, new MeasuredPairs(pairs.Pairs, row.Cosine, row.Hamming), new MeasuredPairs(held, row.HeldBackCosine, row.HeldBackHamming),
                context.Recipe.Data.Path, spec.Mirror, role.HasCodes ? context.Recipe.Bits : null, measured))
                yield return result;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProtocolDistances[]))]
internal sealed partial class DistancesJson : JsonSerializerContext;
