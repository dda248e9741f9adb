using Tern.Evaluation;

namespace Tern.Training.Protocols;

/// <summary>The pictures a protocol chooses from, numbered through both parts of a data set: training pictures first, then test pictures.</summary>
/// <param name="Train">Labels of the training pictures.</param>
/// <param name="Test">Labels of the test pictures.</param>
/// <param name="Learned">Positions of the training pictures that are learned from.</param>
/// <param name="HeldBack">Positions of those held back to choose by; empty where it is not known.</param>
public sealed record ProtocolPictures(Labels Train, Labels Test, int[] Learned, int[] HeldBack);

/// <summary>Which pictures ask and which answer, by their numbers in <see cref="ProtocolPictures"/>.</summary>
public sealed record Roles(int[] Queries, int[] Gallery);

/// <summary>Who asks and who answers, under a name that stands beside every number. A query that is in the gallery too finds itself.</summary>
public abstract record RetrievalProtocol
{
    /// <summary>All there are, the default first.</summary>
    public static IReadOnlyList<RetrievalProtocol> All { get; } = [new TestVsTrain(), new TestVsTest(), new PerClassVsRest(), new ValidationVsTrain()];

    /// <summary>Every name that is understood.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.SelectMany(protocol => new[] { protocol.Name, protocol.NameOnCifar10 }).OfType<string>()];

    /// <summary>What it is called, in recipes and beside its numbers.</summary>
    public abstract string Name { get; }

    /// <summary>What the literature calls it by CIFAR-10's numbers; understood for every data set.</summary>
    public virtual string? NameOnCifar10 => null;

    /// <summary>Whether it looks at test pictures.</summary>
    public virtual bool UsesTest => true;

    /// <summary>The protocol of a name, or null.</summary>
    public static RetrievalProtocol? Find(string name) => All.FirstOrDefault(protocol => protocol.Name == name || protocol.NameOnCifar10 == name);

    /// <summary>Who asks and who answers among these pictures: the same for the same labels.</summary>
    public abstract Roles Choose(ProtocolPictures pictures);

    /// <summary>Judges a model's codes of all pictures.</summary>
    /// <param name="codes">Of the training pictures, then, where <see cref="UsesTest"/>, of the test pictures.</param>
    /// <param name="dataPath">The data set; its last name becomes part of the protocol's.</param>
    /// <param name="measured">Split, seed and model to remember.</param>
    public ProtocolScores Evaluate(
        LabelledCodes codes, ProtocolPictures pictures, string dataPath, Protocol measured, RetrievalOptions options, CancellationToken cancellation)
    {
        Roles roles = Choose(pictures);
        RetrievalScores scores = Retrieval.Evaluate(codes.Select(roles.Queries), codes.Select(roles.Gallery), options, cancellation);
        return new ProtocolScores(measured with { Name = Title(dataPath, roles, options.Cutoff) }, scores);
    }

    /// <summary>data set / protocol / how many ask and answer / cut-off.</summary>
    public string Title(string dataPath, Roles roles, int? cutoff = null) =>
        $"{DataName(dataPath)}/{Name}/query{roles.Queries.Length}-db{roles.Gallery.Length}/{(cutoff is null ? "full" : $"top{cutoff}")}";

    /// <summary>What a data set is called beside its numbers: the last name of its path.</summary>
    public static string DataName(string dataPath) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataPath)));

    /// <summary>The numbers of <paramref name="count"/> pictures from <paramref name="first"/> on.</summary>
    protected static int[] Range(int first, int count) => [.. Enumerable.Range(first, count)];
}

/// <summary>What one protocol found.</summary>
public sealed record ProtocolScores(Protocol Protocol, RetrievalScores Scores)
{
    /// <summary>The main numbers, each with its protocol.</summary>
    public IReadOnlyList<Measurement> Measurements => Scores.Measurements(Protocol);
}
