using Tern.Codes;
using Tern.Evaluation;
using Tern.Training.Data;
using Tern.Training.Protocols;

namespace Tern.Training.Tests.Protocols;

public class RetrievalProtocolTests
{
    /// <summary>CIFAR-10's numbers, its test labels in a mixed order.</summary>
    private static readonly ProtocolPictures Cifar10 = new(
        Labels.Single([.. Enumerable.Range(0, 50_000).Select(i => i % 10)]), Labels.Single([.. Randomness.Of(3).Permutation(10_000).Select(i => i % 10)]),
        [.. Enumerable.Range(0, 45_000)], [.. Enumerable.Range(45_000, 5_000)]);

    [Theory]
    [InlineData("test-vs-train", 10_000, 50_000)]
    [InlineData("10k-vs-50k", 10_000, 50_000)]
    [InlineData("test-vs-test", 10_000, 10_000)]
    [InlineData("test-leave-one-out", 10_000, 10_000)]
    [InlineData("100-per-class-vs-rest", 1_000, 59_000)]
    [InlineData("1k-vs-59k", 1_000, 59_000)]
    [InlineData("validation-vs-train", 5_000, 45_000)]
    [InlineData("validation-leave-one-out", 5_000, 5_000)]
    public void On_CIFAR_10_a_protocol_has_the_numbers_of_its_name(string name, int queries, int gallery)
    {
        Roles roles = RetrievalProtocol.Find(name)!.Choose(Cifar10);
        Assert.Equal((queries, gallery), (roles.Queries.Distinct().Count(), roles.Gallery.Distinct().Count()));
        Assert.Equal((queries, gallery), (roles.Queries.Length, roles.Gallery.Length));
        Assert.All(roles.Queries.Concat(roles.Gallery), picture => Assert.InRange(picture, 0, 59_999));
        Assert.Contains($"query{queries}-db{gallery}/full", RetrievalProtocol.Find(name)!.Title("data/cifar10", roles));
    }

    [Fact]
    public void Who_asks_and_who_answers_is_what_the_name_says()
    {
        Roles train = new TestVsTrain().Choose(Cifar10), test = new TestVsTest().Choose(Cifar10), held = new ValidationVsTrain().Choose(Cifar10);
        Assert.Equal(Enumerable.Range(50_000, 10_000), train.Queries);
        Assert.Equal(Enumerable.Range(0, 50_000), train.Gallery);
        Assert.Equal(train.Queries, test.Queries);
        Assert.Equal(test.Queries, test.Gallery);
        Assert.Equal((Cifar10.HeldBack, Cifar10.Learned), (held.Queries, held.Gallery));
    }

    [Fact]
    public void Of_each_class_100_test_pictures_ask_all_the_rest()
    {
        Roles roles = new PerClassVsRest().Choose(Cifar10);
        Assert.Equal(Enumerable.Range(0, 60_000), roles.Queries.Concat(roles.Gallery).Order());
        Assert.All(roles.Queries, picture => Assert.True(picture >= 50_000));
        Assert.Equal(Enumerable.Repeat(100, 10), roles.Queries.CountBy(picture => Cifar10.Test[picture - 50_000]).Select(entry => entry.Value));
        Assert.Equal(roles.Queries, new PerClassVsRest().Choose(Cifar10).Queries);
    }

    [Fact]
    public void Small_classes_ask_with_all_and_pictures_with_several_labels_once()
    {
        Labels test = Labels.Masks([.. Enumerable.Range(0, 250).Select(i => i < 30 ? 0b11UL : i < 60 ? 0b10UL : 0b01UL)]);
        Roles roles = new PerClassVsRest().Choose(new ProtocolPictures(Labels.Masks([1, 2]), test, [], []));
        Assert.Equal(roles.Queries.Length, roles.Queries.Distinct().Count());
        int[] asking = Array.ConvertAll(roles.Queries, picture => picture - 2);
        Assert.True(asking.Count(i => test.Of(i).Contains(0)) >= 100);
        Assert.Equal(60, asking.Count(i => test.Of(i).Contains(1)));                    // all there are
    }

    [Theory]
    [InlineData("validation-vs-train")]
    [InlineData("validation-leave-one-out")]
    public void Without_held_back_pictures_validation_cannot_ask(string name) =>
        Assert.Contains("evaluate.protocols", Assert.Throws<TernException>(() => RetrievalProtocol.Find(name)!.Choose(Cifar10 with { HeldBack = [], Learned = [] })).Message);

    [Fact]
    public void Who_leaves_itself_out_asks_those_who_ask()
    {
        Roles test = new TestLeaveOneOut().Choose(Cifar10), held = new ValidationLeaveOneOut().Choose(Cifar10);
        Assert.Equal(Enumerable.Range(50_000, 10_000), test.Queries);
        Assert.Equal(Cifar10.HeldBack, held.Queries);
        Assert.All([test, held], roles => Assert.Equal((true, roles.Queries), (roles.LeaveOneOut, roles.Gallery)));
        Assert.All(RetrievalProtocol.All.Where(protocol => !protocol.Name.EndsWith("leave-one-out", StringComparison.Ordinal)),
            protocol => Assert.False(protocol.Choose(Cifar10 with { Asking = [1] }).LeaveOneOut));
    }

    /// <summary>The numbers of In-shop Clothes Retrieval, of whose 26,830 test pictures 14,218 ask.</summary>
    [Fact]
    public void Queries_ask_the_gallery_where_the_data_set_says_which_they_are()
    {
        int[] asking = [.. Randomness.Of(5).Permutation(26_830).Take(14_218)];
        var pictures = new ProtocolPictures(Labels.Single(new int[25_882]), Labels.Single(new int[26_830]), [], [], asking);
        Roles roles = new QueryVsGallery().Choose(pictures);
        Assert.Equal(asking.Select(i => 25_882 + i), roles.Queries);
        Assert.Equal(Enumerable.Range(25_882, 26_830), roles.Queries.Concat(roles.Gallery).Order());
        Assert.Equal(12_612, roles.Gallery.Length);
        Assert.Contains("use test-leave-one-out", Assert.Throws<TernException>(() => new QueryVsGallery().Choose(Cifar10)).Message);
    }

    /// <summary>Classes 0 and 1 are trained on, 2 and 3 are not; of the test pictures one is alone in its class.</summary>
    [Fact]
    public void A_protocol_by_which_nothing_can_be_found_is_told_before_any_work()
    {
        var pictures = new ProtocolPictures(Labels.Single([0, 0, 1, 1]), Labels.Single([2, 2, 3]), [0, 1], [2, 3], [0]);
        new TestLeaveOneOut().Require(pictures);
        new ValidationLeaveOneOut().Require(pictures);
        new QueryVsGallery().Require(pictures);
        string message = Assert.Throws<TernException>(() => new TestVsTrain().Require(pictures)).Message;
        Assert.Contains("test-vs-train: none of the 3 pictures that ask has another of its class among the 4 that answer", message);
        Assert.EndsWith("by test-leave-one-out", message);
        Assert.EndsWith("by validation-leave-one-out", Assert.Throws<TernException>(() => new ValidationVsTrain().Require(pictures)).Message);
        Assert.Throws<TernException>(() => new QueryVsGallery().Require(pictures with { Asking = [2] }));
        Assert.Throws<TernException>(() => new TestLeaveOneOut().Require(pictures with { Test = Labels.Single([2, 3]) }));
    }

    /// <summary>Three test pictures of one class, two of them the same, and one of another class. Leaving itself out is by position: the duplicate is found.</summary>
    [Fact]
    public void Leaving_one_out_leaves_its_duplicates_in()
    {
        var pictures = new ProtocolPictures(Labels.Single([0]), Labels.Single([1, 1, 1, 2]), [0], []);
        RetrievalScores Scores(float[] test) => new TestLeaveOneOut().Evaluate(
            new RankedEmbeddings(new LabelledEmbeddings((float[])[9, 9, .. test], 2, pictures.All)), pictures, "made", new Protocol("", Model: "m"), new RetrievalOptions { TopK = [1] }, default).Scores;
        RetrievalScores scores = Scores([1, 0, 1, 0, 0, 1, 1, 0.1f]);                      // a, a again, b at a right angle; c of class 2 close to a
        Assert.Equal((3, 1, 4), (scores.Queries, scores.QueriesWithoutRelevant, scores.Gallery));
        Assert.Equal(2.0 / 3, scores.TopK[0].Recall, 12);                                  // each a finds the other; b finds c before both
        // Average precisions: a: ranks 1 and 3, (1 + 2/3) / 2, twice; b: c at 1, then both a tied at 2 and 3, (1/2 + 2/3) / 2.
        Assert.Equal((5.0 / 6 + 5.0 / 6 + 7.0 / 12) / 3, scores.MeanAveragePrecision, 12);
    }

    [Fact]
    public void Embeddings_and_codes_say_which_they_are()
    {
        var pictures = new ProtocolPictures(Labels.Single([0]), Labels.Single([1, 1, 2]), [0], []);
        var measured = new Protocol("", "split", 7, "m");
        IReadOnlyList<Measurement> Of(EmbeddingDistance distance) => new TestLeaveOneOut().Evaluate(
            new RankedEmbeddings(new LabelledEmbeddings((float[])[9, 1, 2, 5], 1, pictures.All), distance), pictures, "made", measured, new RetrievalOptions { TopK = [1, 1000] }, default).Measurements;
        IReadOnlyList<Measurement> cosine = Of(EmbeddingDistance.Cosine), euclid = Of(EmbeddingDistance.SquaredEuclidean);
        Assert.Equal(["map", "map@r", "r-precision", "recall@1", "precision@1", "recall@1000", "precision@1000"], euclid.Select(row => row.Metric));
        Assert.All(cosine, row => Assert.Equal(("embedding", "cosine", null, true, "expected"), (row.Ranked, row.Distance, row.Bits, row.ExcludeSelf, row.Ties)));
        Assert.All(euclid, row => Assert.Equal(("embedding", "euclidean", "made/test-leave-one-out/query3-db3/full", 1), (row.Ranked, row.Distance, row.Protocol, row.QueriesWithoutRelevant)));
        Assert.Equal(1, euclid[0].Value, 12);                                              // on a line 1 and 2 are nearest
        Assert.Equal(0.75, cosine[0].Value, 12);                                           // by angle all are tied
        var codes = new LabelledCodes(PackedCodes.FromBytes([0, 1, 1, 2], 2), pictures.All);
        Measurement row = new TestLeaveOneOut().Evaluate(new RankedCodes(codes), pictures, "made", measured, new RetrievalOptions(), default).Measurements[0];
        Assert.Equal(("code", null, 2, true), (row.Ranked, row.Distance, row.Bits, row.ExcludeSelf));
    }

    /// <summary>Two training pictures, 00 and 11, and two test pictures, 00 and 01. Average precision by hand, over every order of ties.</summary>
    [Fact]
    public void Numbers_by_hand()
    {
        // Labels: train a b, test a b. Distances of test 0 (00): train 0, 2; test 0, 1. Of test 1 (01): train 1, 1; test 1, 0.
        var codes = new LabelledCodes(PackedCodes.FromBytes([0b00, 0b11, 0b00, 0b01], 2), Labels.Single([0, 1, 0, 1]));
        var pictures = new ProtocolPictures(Labels.Single([0, 1]), Labels.Single([0, 1]), [0], [1]);
        double Map(RetrievalProtocol protocol) =>
            protocol.Evaluate(new RankedCodes(codes), pictures, "made", new Protocol("", Model: "m"), new RetrievalOptions(), default).Measurements.First(row => row.Metric == "map").Value;
        Assert.Equal((1 + 0.75) / 2, Map(new TestVsTrain()), 12);                        // test 0 finds a first; test 1 ties: ranks 1 or 2
        Assert.Equal(1, Map(new TestVsTest()), 12);                                      // each finds itself first, and nothing else of its class is there
        Measurement row = new TestVsTest().Evaluate(new RankedCodes(codes), pictures, "made/", new Protocol("", "split", 7, "m"), new RetrievalOptions { Cutoff = 5 }, default).Measurements[0];
        Assert.Equal(("made/test-vs-test/query2-db2/top5", "split", 7UL, "m", "expected"), (row.Protocol, row.Split, row.Seed, row.Model, row.Ties));
    }
}
