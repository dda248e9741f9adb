using Tern.Evaluation;

namespace Tern.Training.Protocols;

/// <summary>The pictures a protocol chooses from, numbered through both parts of a data set: training pictures first, then test pictures.</summary>
/// <param name="Train">Labels of the training pictures.</param>
/// <param name="Test">Labels of the test pictures.</param>
/// <param name="Learned">Positions of the training pictures that are learned from.</param>
/// <param name="HeldBack">Positions of those held back to choose by; empty where it is not known.</param>
/// <param name="Asking">Positions of the test pictures that ask where the others only answer; null where the data set does not say.</param>
public sealed record ProtocolPictures(Labels Train, Labels Test, int[] Learned, int[] HeldBack, int[]? Asking = null)
{
    /// <summary>Labels by number.</summary>
    public Labels All => Train.Then(Test);
}

/// <summary>Which pictures ask and which answer, by their numbers in <see cref="ProtocolPictures"/>.</summary>
/// <param name="LeaveOneOut">Queries and gallery are the same, and each query is taken out of its own ranking. Otherwise a query that is in the gallery finds itself.</param>
public sealed record Roles(int[] Queries, int[] Gallery, bool LeaveOneOut = false)
{
    /// <summary>These pictures ask one another.</summary>
    public static Roles Among(int[] pictures) => new(pictures, pictures, LeaveOneOut: true);

    /// <summary>Whether a query has anything relevant to find.</summary>
    public bool CanFind(Labels all)
    {
        Dictionary<int, int> answers = Gallery.SelectMany(picture => all.Of(picture)).CountBy(label => label).ToDictionary();
        return Queries.Any(query => all.Of(query).Any(label => answers.GetValueOrDefault(label) > (LeaveOneOut ? 1 : 0)));
    }
}

/// <summary>Who asks and who answers, under a name that stands beside every number.</summary>
public abstract record RetrievalProtocol
{
    /// <summary>All there are, the default first.</summary>
    public static IReadOnlyList<RetrievalProtocol> All { get; } =
    [
        new TestVsTrain(), new TestVsTest(), new TestLeaveOneOut(), new QueryVsGallery(), new PerClassVsRest(), new ValidationVsTrain(), new ValidationLeaveOneOut(),
    ];

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

    /// <summary>Throws <see cref="TernException"/> when it cannot be used with these pictures, or no query would have anything to find: asked before any work.</summary>
    public void Require(ProtocolPictures pictures)
    {
        Roles roles = Choose(pictures);
        if (!roles.CanFind(pictures.All))
            throw new TernException($"protocol {Name}: none of the {roles.Queries.Length} pictures that ask has another of its class among the {roles.Gallery.Length} that answer;"
                + $" classes that are not trained on are judged among themselves, by {(UsesTest ? "test-leave-one-out" : "validation-leave-one-out")}");
    }

    /// <summary>Judges what a model made of all pictures.</summary>
    /// <param name="ranked">Of the training pictures, then, where <see cref="UsesTest"/>, of the test pictures.</param>
    /// <param name="dataPath">The data set; its last name becomes part of the protocol's.</param>
    /// <param name="measured">Split, seed and model to remember.</param>
    public ProtocolScores Evaluate(
        IRanked ranked, ProtocolPictures pictures, string dataPath, Protocol measured, RetrievalOptions options, CancellationToken cancellation)
    {
        Roles roles = Choose(pictures);
        RetrievalScores scores = ranked.Judge(roles, options with { ExcludeSelf = roles.LeaveOneOut }, cancellation);
        return new ProtocolScores(measured with { Name = Title(dataPath, roles, options.Cutoff) }, scores);
    }

    /// <summary>data set / protocol / how many ask and answer / cut-off.</summary>
    public string Title(string dataPath, Roles roles, int? cutoff = null) =>
        $"{DataName(dataPath)}/{Name}/query{roles.Queries.Length}-db{roles.Gallery.Length}/{(cutoff is null ? "full" : $"top{cutoff}")}";

    /// <summary>What a data set is called beside its numbers: the last name of its path.</summary>
    public static string DataName(string dataPath) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataPath)));

    /// <summary>The training pictures that were held back.</summary>
    /// <exception cref="TernException">It is not known which they are.</exception>
    protected int[] HeldBack(ProtocolPictures pictures) => pictures.HeldBack.Length > 0
        ? pictures.HeldBack
        : throw new TernException($"{Name} needs to know which training pictures were held back, and only a recipe says so: put it into evaluate.protocols and use 'tern run'");

    /// <summary>The numbers of <paramref name="count"/> pictures from <paramref name="first"/> on.</summary>
    protected static int[] Range(int first, int count) => [.. Enumerable.Range(first, count)];
}

/// <summary>What one protocol found.</summary>
public sealed record ProtocolScores(Protocol Protocol, RetrievalScores Scores)
{
    /// <summary>The main numbers, each with its protocol.</summary>
    public IReadOnlyList<Measurement> Measurements => Scores.Measurements(Protocol);
}
