using FsCheck;
using FsCheck.Fluent;
using Tern.Evaluation;
using Tern.Imaging;
using Tern.Training.Data;
using Tern.Training.Protocols;

namespace Tern.Training.Tests.Protocols;

public class VerificationProtocolTests
{
    private static readonly VerificationPair[] OneFold = [new(0, 1, true), new(2, 3, true), new(0, 2, false), new(1, 3, false)];
    private static readonly VerificationPair[] TwoFolds = [.. OneFold, .. OneFold.Select(pair => pair with { Fold = 2 })];

    [Fact]
    public void Every_name_is_found_and_says_how_pictures_are_shown()
    {
        Assert.Equal(["pairs", "pairs-blurred", "pairs-dark", "pairs-small", "pairs-degraded"], VerificationProtocol.Names);
        Assert.All(VerificationProtocol.Names, name => Assert.Equal(name, VerificationProtocol.Find(name)!.Name));
        Assert.Null(VerificationProtocol.Find("test-vs-train"));
        Assert.Empty(VerificationProtocol.Names.Intersect(RetrievalProtocol.Names));
        Picture picture = MadeData.Picture(1, 1, side: 32);
        Assert.Same(picture, VerificationProtocol.Find("pairs")!.Show(picture));
        Assert.Equal(Degradation.Darken(picture).Pixels.ToArray(), VerificationProtocol.Find("pairs-dark")!.Show(picture).Pixels.ToArray());
        byte[] all = Degradation.Darken(Degradation.Shrink(Degradation.Blur(picture))).Pixels.ToArray();
        Assert.Equal(all, VerificationProtocol.Find("pairs-degraded")!.Show(picture).Pixels.ToArray());
    }

    [Theory]
    [InlineData("pairs", false, MirrorUse.None, "lfw/view2/8 pairs/2 folds/cosine")]
    [InlineData("pairs-dark", true, MirrorUse.Average, "lfw/view2/dark/8 pairs/2 folds/mirror average/cosine")]
    public void A_number_says_what_was_judged_and_how(string name, bool heldBack, MirrorUse mirror, string expected)
    {
        var measured = new MeasuredPairs(TwoFolds, [.. TwoFolds.Select(pair => pair.Same ? 0.1 : 0.9)], [.. TwoFolds.Select(pair => pair.Same ? 1.0 : 9.0)]);
        IReadOnlyList<VerificationResult> found = VerificationProtocol.Find(name)!.Evaluate(
            new PairSet("view2", TwoFolds), measured, heldBack ? measured : null, "data/lfw/", mirror, bits: 12, new Protocol("", "split", 7, "model"));
        Assert.Equal([expected, expected.Replace("cosine", "hamming")], found.Select(result => result.Protocol.Name));
        Assert.Equal([null, 12], found.Select(result => result.Scores.Bits));
        Assert.All(found, result => Assert.Equal(1.0, result.Scores.Accuracy!.Value));
        Assert.All(found.SelectMany(result => result.Measurements), row => Assert.Equal(("split", 7UL, "model"), (row.Split, row.Seed!.Value, row.Model)));
    }

    /// <summary>Held back: same at .2, different at .4, so .3 is the threshold. Here same at .1 and .35, different at .2 and .9: two of four are told right.</summary>
    [Fact]
    public void One_fold_has_the_threshold_of_held_back_pairs()
    {
        var held = new MeasuredPairs([new(0, 1, true), new(0, 2, false)], [0.2, 0.4], [3, 5]);
        var measured = new MeasuredPairs(OneFold, [0.1, 0.35, 0.2, 0.9], [1, 4, 5, 9]);
        IReadOnlyList<VerificationResult> found = VerificationProtocol.All[0].Evaluate(new PairSet("view1", OneFold), measured, held, "lfw", MirrorUse.None, 12, new Protocol(""));
        Assert.Equal("lfw/view1/4 pairs/threshold of held-back people/cosine", found[0].Protocol.Name);
        Assert.Equal((0.3, 0.5), (Math.Round(found[0].Scores.Folds.Single().Threshold, 12), found[0].Scores.Accuracy!.Value));
        Assert.Equal((4.0, 1.0), (found[1].Scores.Folds.Single().Threshold, found[1].Scores.Accuracy!.Value));       // up to 4 bits: 1 and 4 are the same, 5 and 9 different
        Assert.Null(found[0].Scores.StandardError);
    }

    [Fact]
    public void Where_nothing_has_trained_codes_embeddings_alone_are_judged()
    {
        var measured = new MeasuredPairs(TwoFolds, [.. TwoFolds.Select(pair => pair.Same ? 0.1 : 0.9)], [.. TwoFolds.Select(pair => pair.Same ? 1.0 : 9.0)]);
        VerificationResult found = Assert.Single(VerificationProtocol.All[0].Evaluate(new PairSet("view2", TwoFolds), measured, null, "lfw", MirrorUse.None, bits: null, new Protocol("")));
        Assert.Equal(("lfw/view2/8 pairs/2 folds/cosine", 1.0), (found.Protocol.Name, found.Scores.Accuracy!.Value));
    }

    [Fact]
    public void Without_any_there_is_no_accuracy()
    {
        var measured = new MeasuredPairs(OneFold, [0.1, 0.35, 0.2, 0.9], [1, 4, 5, 9]);
        VerificationResult found = VerificationProtocol.All[0].Evaluate(new PairSet("view1", OneFold), measured, null, "lfw", MirrorUse.None, 12, new Protocol(""))[0];
        Assert.Equal("lfw/view1/4 pairs/no threshold/cosine", found.Protocol.Name);
        Assert.Equal(["eer", "auc", "tpr@fpr1e-2", "tpr@fpr1e-3"], found.Measurements.Select(row => row.Metric));
    }

    [Fact]
    public void Held_back_pairs_are_of_every_picture_with_one_like_it_and_one_unlike_it() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        int[] people = [0, 1, .. Enumerable.Range(0, random.Next(30)).Select(_ => random.Next(6))];
        Labels labels = Labels.Single(people);
        VerificationPair[] pairs = HeldBackPairs.Of(labels);
        Assert.All(pairs, pair => Assert.Equal(pair.Same, people[pair.First] == people[pair.Second]));
        Assert.All(pairs, pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.Equal(Enumerable.Range(0, people.Length), pairs.Where(pair => !pair.Same).Select(pair => pair.First));
        Assert.Equal(Enumerable.Range(0, people.Length).Where(i => people.Count(person => person == people[i]) > 1), pairs.Where(pair => pair.Same).Select(pair => pair.First));
        Assert.Equal(pairs, HeldBackPairs.Of(labels));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Pairs_of_pictures_that_could_not_be_read_are_left_out()
    {
        using var folder = new TemporaryFolder();
        MadeFaces.Set(folder.Path);
        File.WriteAllText(MadeFaces.Picture(folder["faces"], 1, 1), "no picture");
        DataSplit split = FaceReader.Open(folder.Path, new PairsSpec("pairs.txt", Folds: [1]));
        PixelStore store = PixelStore.Load(split.Test, MadeData.Spec(), 1, default);
        PairSet left = split.Pairs!.Among(store);                                         // without B 1, which stood at place 2 of 6 in two of the pairs
        Assert.Equal([new VerificationPair(0, 1, true, 1), new VerificationPair(3, 4, false, 1)], left.Pairs);
        Assert.Equal(("Person_C", "Person_A"), (store.Classes[store.Labels[3]], store.Classes[store.Labels[4]]));
    }
}
