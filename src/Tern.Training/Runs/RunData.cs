using System.Security.Cryptography;
using Tern.Evaluation;
using Tern.Training.Data;
using Tern.Training.Protocols;
using Tern.Training.Recipes;

namespace Tern.Training.Runs;

/// <summary>The pictures of a run: read once, whichever stages need them.</summary>
public sealed class RunData
{
    private RunData(PixelStore train, PixelStore test, TrainingParts parts, int[]? asking, PairSet? pairs)
    {
        (Train, Test, Pairs) = (train, test, pairs);
        Learn = parts.Classes is { } classes ? train.Select(parts.Learned, classes) : train.Select(parts.Learned);
        Validation = train.Select(parts.HeldBack);
        ValidationGallery = parts.Classes is null ? Learn.Select(Answering(Learn.Labels, Validation.Labels)) : null;
        Pictures = new ProtocolPictures(train.Labels, test.Labels, parts.Learned, parts.HeldBack, asking);
        Fingerprint = train.Fingerprint();
        Learned = LearnedPictures.Of(Fingerprint, parts.Learned) with
        {
            People = pairs is null ? [] : Learn.Classes, Apart = pairs is null ? [] : [.. test.Classes.Except(Learn.Classes)],
        };
        Split = SplitOf(Fingerprint, test.Fingerprint(), asking, pairs);
    }

    private const int MostValidationGallery = 2000, MostTold = 10;

    /// <summary>All training pictures.</summary>
    public PixelStore Train { get; }

    /// <summary>The test pictures. No choice of any kind looks at them.</summary>
    public PixelStore Test { get; }

    /// <summary>Pairs of test pictures, where the data set is judged by them.</summary>
    public PairSet? Pairs { get; }

    /// <summary>The part of the training pictures that is learned from. Its classes are those that are learned: a classifier has as many outputs.</summary>
    public PixelStore Learn { get; }

    /// <summary>The part that checkpoints are chosen by.</summary>
    public PixelStore Validation { get; }

    /// <summary>
    /// Learned pictures of the classes held back, at most 2,000 and evenly over all: what validation pictures ask. Null where whole classes are held back, of
    /// which nothing is learned: their pictures ask one another.
    /// </summary>
    public PixelStore? ValidationGallery { get; }

    /// <summary>What protocols choose from: training pictures, then test pictures.</summary>
    public ProtocolPictures Pictures { get; }

    /// <summary>SHA-256 of the training pictures and labels.</summary>
    public string Fingerprint { get; }

    /// <summary>Which of them are learned from.</summary>
    public LearnedPictures Learned { get; }

    /// <summary>Short hash of both halves: what a protocol says of its data.</summary>
    public string Split { get; }

    /// <summary>Where a picture of <see cref="Pictures"/> is stored.</summary>
    public (PixelStore Store, int Index) Find(int picture) => picture < Train.Count ? (Train, picture) : (Test, picture - Train.Count);

    /// <summary>Throws <see cref="TernException"/> when the recipe cannot learn from these pictures.</summary>
    internal void Require(Recipe recipe) => Require(recipe, Learn.Labels, Learn.Classes.Count, Pictures);

    private static void Require(Recipe recipe, Labels learned, int classes, ProtocolPictures pictures)
    {
        string[] problems = [.. recipe.Problems(learned, classes)];
        if (problems.Length > 0) throw new TernException($"the recipe does not fit {recipe.Data.Path}:\n  {string.Join("\n  ", problems)}");
        foreach (RetrievalProtocol protocol in recipe.Evaluate?.Chosen ?? []) protocol.Require(pictures);
    }

    /// <summary>What can be told from the lists alone, before a picture is read.</summary>
    private static void Require(Recipe recipe, DataSplit sets)
    {
        TrainingParts parts = ValidationSplit.Of(recipe.Data, sets.Train.Labels, sets.TestsOtherClasses, recipe.Seed);
        Require(
            recipe, parts.LearnedLabels(sets.Train.Labels), parts.Classes?.Length ?? sets.Train.Classes.Count,
            new ProtocolPictures(sets.Train.Labels, sets.Test.Labels, parts.Learned, parts.HeldBack, sets.Asking));
    }

    /// <summary>The lists of pictures that a recipe names, none of them read yet.</summary>
    internal static DataSplit Open(DataSpec spec) => spec.Pairs is { } pairs
        ? FaceReader.Open(spec.Path, pairs)
        : DataSource.Open(spec.Path, spec.Format, spec.Classes, trainClasses: spec.TrainClasses, boxes: spec.Boxes);

    /// <summary>Decodes everything, reporting progress and pictures left out.</summary>
    public static RunData Load(Recipe recipe, IProgress<RunEvent> progress, CancellationToken cancellation)
    {
        DataSpec spec = recipe.Data;
        DataSplit sets = Open(spec);
        Require(recipe, sets);
        int total = sets.Train.Count + sets.Test.Count;
        PixelStore Read(ImageSet set, int before)
        {
            PixelStore store = PixelStore.Load(set, spec, recipe.Cores, cancellation, new Relay(done => progress.Report(new StageAdvanced("data", before + done, total))));
            foreach (BadImage bad in store.Bad.Take(MostTold)) progress.Report(new RunWarning($"left out: {bad.Problem}"));
            if (store.Bad.Count > MostTold) progress.Report(new RunWarning($"and {store.Bad.Count - MostTold} more; {store.Bad.Count} pictures left out in all"));
            return store;
        }
        PixelStore train = Read(sets.Train, 0), test = Read(sets.Test, sets.Train.Count);
        foreach (int lost in sets.Train.Labels.Carriers().Select(carriers => carriers.Key).Except(train.Labels.Carriers().Select(carriers => carriers.Key)))
            progress.Report(new RunWarning($"class '{train.Classes[lost]}' has no training picture that can be read: it is not learned, and asking for it finds nothing"));
        string[] singles = [.. train.Labels.Carriers().Where(carriers => carriers.Count() == 1).Select(carriers => train.Classes[carriers.Key])];
        foreach (string single in singles.Take(MostTold)) progress.Report(new RunWarning($"class '{single}' has one training picture: it can be found, but nothing is learned about what varies in it"));
        if (singles.Length > MostTold) progress.Report(new RunWarning($"and {singles.Length - MostTold} more; {singles.Length} classes have one training picture in all"));
        PairSet? pairs = sets.Pairs?.Among(test);
        if (sets.Pairs is { } all && pairs is not null && pairs.Pairs.Count < all.Pairs.Count)
            progress.Report(new RunWarning($"{all.Pairs.Count - pairs.Pairs.Count} of {all.Pairs.Count} pairs are left out: their pictures could not be read"));
        TrainingParts parts = ValidationSplit.Of(spec, train.Labels, sets.TestsOtherClasses, recipe.Seed);
        var data = new RunData(train, test, parts, sets.Asking is null ? null : test.PlacesOf(sets.Asking), pairs);
        data.Require(recipe);
        return data;
    }

    /// <summary>Short hash of both halves and, where the data set says so, of who asks or of the pairs.</summary>
    internal static string SplitOf(string train, string test, int[]? asking, PairSet? pairs = null) =>
        Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(train + test + (asking is null ? "" : string.Join(',', asking)) + pairs?.Text)))[..16];

    private static int[] Answering(Labels learned, Labels asking)
    {
        var classes = asking.Carriers().Select(carriers => carriers.Key).ToHashSet();
        return Evenly.Choose([.. Enumerable.Range(0, learned.Count).Where(i => learned.Of(i).Any(classes.Contains))], MostValidationGallery);
    }

    private sealed class Relay(Action<int> report) : IProgress<int>
    {
        private const int Every = 256;

        public void Report(int done)
        {
            if (done % Every == 0) report(done);
        }
    }
}
