namespace Tern.Training.Protocols;

/// <summary>A way to judge models, under a name that stands in recipes and beside every number: <see cref="RetrievalProtocol"/> or <see cref="VerificationProtocol"/>.</summary>
public abstract record EvaluationProtocol
{
    /// <summary>All there are, those of retrieval first.</summary>
    public static IReadOnlyList<EvaluationProtocol> Known => [.. RetrievalProtocol.All, .. VerificationProtocol.All];

    /// <summary>Every name that is understood.</summary>
    public static IReadOnlyList<string> KnownNames => [.. RetrievalProtocol.Names, .. VerificationProtocol.All.Select(protocol => protocol.Name)];

    /// <summary>What it is called, in recipes and beside its numbers.</summary>
    public abstract string Name { get; }

    /// <summary>The protocol of a name, or null.</summary>
    public static EvaluationProtocol? OfName(string name) => RetrievalProtocol.Find(name) ?? Known.FirstOrDefault(protocol => protocol.Name == name);

    /// <summary>What a data set is called beside its numbers: the last name of its path.</summary>
    public static string DataName(string dataPath) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataPath)));
}
