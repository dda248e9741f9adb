using System.Text.Json.Serialization;
using Tern.Evaluation;
using Tern.Training.Data;
using Tern.Training.Protocols;

namespace Tern.Training.Recipes;

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
    public IReadOnlyList<RetrievalProtocol> Chosen => Protocols is null ? [RetrievalProtocol.All[0]] : [.. Protocols.Select(RetrievalProtocol.Find).OfType<RetrievalProtocol>()];

    /// <summary>The protocols of pairs, the headline's first.</summary>
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
