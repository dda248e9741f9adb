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
    [InlineData("100-per-class-vs-rest", 1_000, 59_000)]
    [InlineData("1k-vs-59k", 1_000, 59_000)]
    [InlineData("validation-vs-train", 5_000, 45_000)]
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

    [Fact]
    public void Without_held_back_pictures_validation_cannot_ask() =>
        Assert.Contains("evaluate.protocols", Assert.Throws<TernException>(() => new ValidationVsTrain().Choose(Cifar10 with { HeldBack = [], Learned = [] })).Message);

    /// <summary>Two training pictures, 00 and 11, and two test pictures, 00 and 01. Average precision by hand, over every order of ties.</summary>
    [Fact]
    public void Numbers_by_hand()
    {
        // Labels: train a b, test a b. Distances of test 0 (00): train 0, 2; test 0, 1. Of test 1 (01): train 1, 1; test 1, 0.
        var codes = new LabelledCodes(PackedCodes.FromBytes([0b00, 0b11, 0b00, 0b01], 2), Labels.Single([0, 1, 0, 1]));
        var pictures = new ProtocolPictures(Labels.Single([0, 1]), Labels.Single([0, 1]), [0], [1]);
        double Map(RetrievalProtocol protocol) =>
            protocol.Evaluate(codes, pictures, "made", new Protocol("", Model: "m"), new RetrievalOptions(), default).Measurements.First(row => row.Metric == "map").Value;
        Assert.Equal((1 + 0.75) / 2, Map(new TestVsTrain()), 12);                        // test 0 finds a first; test 1 ties: ranks 1 or 2
        Assert.Equal(1, Map(new TestVsTest()), 12);                                      // each finds itself first, and nothing else of its class is there
        Measurement row = new TestVsTest().Evaluate(codes, pictures, "made/", new Protocol("", "split", 7, "m"), new RetrievalOptions { Cutoff = 5 }, default).Measurements[0];
        Assert.Equal(("made/test-vs-test/query2-db2/top5", "split", 7UL, "m", "expected"), (row.Protocol, row.Split, row.Seed, row.Model, row.Ties));
    }
}
