using FsCheck;
using FsCheck.Fluent;
using Tern.Evaluation;
using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public class ValidationSplitTests
{
    private sealed record Case(int[] Labels, int Count, ulong Seed);

    /// <summary>1 to 8 classes of 1 to 60 pictures in a mixed order, and any number to hold back.</summary>
    private static readonly Arbitrary<Case> Cases = Arb.From(
        from sizes in Gen.Choose(1, 60).NonEmptyListOf()
        from share in Gen.Choose(1, 99)
        from seed in Gen.Choose(0, 1 << 30)
        let labels = Shuffled(sizes.Take(8).ToArray(), (ulong)seed)
        select new Case(labels, Math.Max(2, labels.Length * share / 100), (ulong)seed));

    [Fact]
    public void The_parts_are_disjoint_in_order_and_cover_everything() => Check(one =>
    {
        (int[] train, int[] held) = Make(one.Labels, one.Count, one.Seed);
        Assert.Equal(Enumerable.Range(0, one.Labels.Length), train.Concat(held).Order());
        Assert.Equal(train.Order(), train);
        Assert.Equal(held.Order(), held);
    });

    [Fact]
    public void No_class_is_emptied_and_none_gives_a_single_picture() => Check(one =>
    {
        (int[] train, int[] held) = Make(one.Labels, one.Count, one.Seed);
        Assert.Equal(one.Labels.Distinct().Order(), train.Select(i => one.Labels[i]).Distinct().Order());
        Assert.All(held.CountBy(i => one.Labels[i]), entry => Assert.NotEqual(1, entry.Value));
    });

    /// <summary>Within two pictures of count x class size / total, which is as near as twos and caps allow.</summary>
    [Fact]
    public void Every_class_gives_in_proportion() => Check(one =>
    {
        (_, int[] held) = Make(one.Labels, one.Count, one.Seed);
        Assert.InRange(held.Length, 2, one.Count);
        foreach ((int label, int size) in one.Labels.CountBy(label => label))
        {
            double share = (double)one.Count * size / one.Labels.Length;
            Assert.InRange(held.Count(i => one.Labels[i] == label), share - 2, share + 2);
        }
    });

    [Fact]
    public void The_same_seed_gives_the_same_split_and_another_seed_another()
    {
        int[] labels = [.. Enumerable.Range(0, 300).Select(i => i % 3)];
        Assert.Equal(Make(labels, 60, 1).Validation, Make(labels, 60, 1).Validation);
        Assert.NotEqual(Make(labels, 60, 1).Validation, Make(labels, 60, 2).Validation);
    }

    [Fact]
    public void An_even_split_is_exact()
    {
        int[] labels = [.. Enumerable.Range(0, 600).Select(i => i % 10)];
        int[] held = Make(labels, 50, 1).Validation;
        Assert.All(held.CountBy(i => labels[i]), entry => Assert.Equal(5, entry.Value));
        Assert.Equal(50, held.Length);
    }

    /// <summary>A share of a tenth of a picture for each of 1,000 people: 50 of them give two.</summary>
    [Fact]
    public void Many_small_classes_can_be_held_back_from()
    {
        int[] labels = [.. Enumerable.Range(0, 10_000).Select(i => i % 1000)];
        int[] held = Make(labels, 100, 1).Validation;
        Assert.Equal(100, held.Length);
        Assert.All(held.CountBy(i => labels[i]), entry => Assert.Equal(2, entry.Value));
    }

    /// <summary>1,000 pictures, half of which carry label 0 and a fifth label 1: of 400 held back, 200 and 80 but for chance (4 deviations: 39 and 32).</summary>
    [Fact]
    public void Of_pictures_with_several_labels_chance_holds_back_in_proportion()
    {
        Labels labels = Labels.Masks([.. Enumerable.Range(0, 1000).Select(i => (i % 2 == 0 ? 1UL : 0) | (i % 5 == 0 ? 2UL : 0))]);
        (int[] train, int[] held) = ValidationSplit.Make(labels, 400, 3);
        Assert.Equal(Enumerable.Range(0, 1000), train.Concat(held).Order());
        Assert.Equal(400, held.Length);
        Assert.Equal(held.Order(), held);
        Assert.InRange(held.Count(i => i % 2 == 0), 161, 239);
        Assert.InRange(held.Count(i => i % 5 == 0), 48, 112);
        Assert.NotEqual(held, ValidationSplit.Make(labels, 400, 4).Validation);
    }

    [Fact]
    public void The_last_picture_with_a_label_is_learned_from()
    {
        Labels labels = Labels.Masks([.. Enumerable.Range(0, 20).Select(i => i == 7 ? 5UL : i is 3 or 11 ? 3UL : 1UL)]);
        for (ulong seed = 0; seed < 50; seed++)
        {
            int[] held = ValidationSplit.Make(labels, 18, seed).Validation;
            Assert.Equal(18, held.Length);
            Assert.DoesNotContain(7, held);                                                   // alone with label 2
            Assert.Single(held, i => i is 3 or 11);                                           // one of the two with label 1
        }
        Assert.Contains("4 pictures in 4 classes are too few", Assert.Throws<TernException>(() => ValidationSplit.Make(Labels.Masks([1, 2, 4, 8]), 2, 1)).Message);
    }

    /// <summary>12 classes of 1 to 12 pictures: whole ones are held back, so many that their pictures are enough and without the last drawn would not be.</summary>
    [Fact]
    public void Whole_classes_are_held_back()
    {
        Labels labels = Labels.Single(Shuffled([.. Enumerable.Range(1, 12)], 3));
        for (ulong seed = 0; seed < 50; seed++)
        {
            TrainingParts parts = ValidationSplit.OfWholeClasses(labels, 20, seed);
            Assert.Equal(Enumerable.Range(0, labels.Count), parts.Learned.Concat(parts.HeldBack).Order());
            Assert.Equal(parts.Learned.Order(), parts.Learned);
            Assert.Equal(parts.HeldBack.Order(), parts.HeldBack);
            int[] held = [.. parts.HeldBack.Select(i => labels[i]).Distinct().Order()];
            Assert.Equal(Enumerable.Range(0, 12).Except(held), parts.Classes!);
            Assert.Equal(parts.Classes!, parts.Learned.Select(i => labels[i]).Distinct().Order());
            Assert.True(held.Count(label => label > 0) >= 2);                                 // class 0 has one picture, which finds nothing
            int able = held.Where(label => label > 0).Sum(label => label + 1);
            Assert.True(able >= 20);
            Assert.True(held.Count(label => label > 0) == 2 || able - held.Max(label => label + 1) < 20);
            Assert.Equal(parts.Learned.Select(i => Array.IndexOf(parts.Classes!, labels[i])), Enumerable.Range(0, parts.Learned.Length).Select(i => parts.LearnedLabels(labels)[i]));
        }
        Assert.Equal(ValidationSplit.OfWholeClasses(labels, 20, 1).HeldBack, ValidationSplit.OfWholeClasses(labels, 20, 1).HeldBack);
        Assert.True(Enumerable.Range(0, 10).Select(seed => string.Join(',', ValidationSplit.OfWholeClasses(labels, 20, (ulong)seed).Classes!)).Distinct().Count() > 1);
    }

    /// <summary>One person of 530 pictures among 200 of 3, as in LFW: as many seeds hold that person back as would anyway, but none has more than ten of the pictures.</summary>
    [Fact]
    public void Of_a_person_at_most_ten_pictures_are_held_back_and_nothing_is_learned_from_the_others()
    {
        const int Famous = 100;
        Labels labels = Labels.Single(Shuffled([.. Enumerable.Range(0, 201).Select(person => person == Famous ? 530 : 3)], 3));
        DataSpec spec = MadeData.Spec(validation: 60);
        var drawn = new HashSet<string>();
        for (ulong seed = 0; seed < 100; seed++)
        {
            TrainingParts whole = ValidationSplit.Of(spec, labels, testsOtherClasses: true, seed), parts = ValidationSplit.Of(spec with { Pairs = new PairsSpec("pairs.txt") }, labels, testsOtherClasses: true, seed);
            int[] held = [.. parts.HeldBack.Select(i => labels[i]).Distinct()];
            Assert.Empty(parts.Learned.Select(i => labels[i]).Intersect(held));
            Assert.Empty(parts.Classes!.Intersect(held));
            Assert.Equal(201, parts.Classes!.Length + held.Length);
            Assert.Equal(parts.HeldBack.Order().Distinct(), parts.HeldBack);
            Assert.InRange(parts.HeldBack.Length, 60, 69);
            Assert.All(parts.HeldBack.CountBy(i => labels[i]), person => Assert.Equal(person.Key == Famous ? 10 : 3, person.Value));
            Assert.Equal(labels.Count - (held.Contains(Famous) ? 520 : 0), parts.Learned.Length + parts.HeldBack.Length);
            if (whole.HeldBack.Any(i => labels[i] == Famous)) Assert.Contains(Famous, held);
            if (held.Contains(Famous)) drawn.Add(string.Join(',', parts.HeldBack.Where(i => labels[i] == Famous)));
        }
        Assert.True(drawn.Count > 1);                                                         // and not always the same ten
    }

    [Theory]
    [InlineData(null, false, 12)]
    [InlineData(null, true, 8)]
    [InlineData(HoldBack.Pictures, true, 12)]
    [InlineData(HoldBack.Classes, false, 8)]
    public void What_is_held_back_is_of_the_kind_that_is_tested_or_as_the_recipe_has_it(HoldBack? kind, bool testsOtherClasses, int learned)
    {
        Labels labels = Labels.Single([.. Enumerable.Range(0, 120).Select(i => i % 12)]);      // 12 classes of 10: whole ones of 40 pictures are four
        TrainingParts parts = ValidationSplit.Of(MadeData.Spec(validation: 40) with { HoldBack = kind }, labels, testsOtherClasses, 1);
        Assert.Equal(40, parts.HeldBack.Length);
        Assert.Equal(learned, parts.Learned.Select(i => labels[i]).Distinct().Count());
        Assert.Equal(learned == 12, parts.Classes is null);
    }

    [Fact]
    public void Whole_classes_that_cannot_be_held_back_are_told()
    {
        Labels labels = Labels.Single([0, 0, 0, 1, 1, 1, 2, 2, 2]);
        string message = Assert.Throws<TernException>(() => ValidationSplit.OfWholeClasses(labels, 4, 1)).Message;
        Assert.Contains("4 pictures in whole classes cannot be held back of 9 in 3 classes and leave two to learn", message);
        Assert.Contains("set data.holdBack to \"pictures\"", message);
        Assert.Contains("several labels", Assert.Throws<TernException>(() => ValidationSplit.OfWholeClasses(Labels.Masks([1, 2, 3]), 2, 1)).Message);
    }

    [Fact]
    public void What_cannot_be_held_back_is_told()
    {
        Assert.Contains("10 pictures cannot be held back of 10", Assert.Throws<TernException>(() => Make(new int[10], 10, 1)).Message);
        string message = Assert.Throws<TernException>(() => Make([0, 0, 1, 1, 2, 2], 4, 1)).Message;
        Assert.Contains("6 pictures in 3 classes are too few to hold 4 back", message);
        Assert.Contains("at least 3", message);
    }

    /// <summary>Cases with a class that can give two; the others are refused, as another test says.</summary>
    private static void Check(Action<Case> property) => Prop.ForAll(Cases, one =>
    {
        if (one.Count >= one.Labels.Length || one.Labels.CountBy(label => label).All(entry => entry.Value < 3)) return;
        property(one);
    }).QuickCheckThrowOnFailure();

    private static (int[] Train, int[] Validation) Make(int[] labels, int count, ulong seed) => ValidationSplit.Make(Labels.Single(labels), count, seed);

    private static int[] Shuffled(int[] sizes, ulong seed)
    {
        int[] labels = [.. sizes.Index().SelectMany(entry => Enumerable.Repeat(entry.Index, entry.Item))];
        return [.. Randomness.Of(seed).Permutation(labels.Length).Select(i => labels[i])];
    }
}
