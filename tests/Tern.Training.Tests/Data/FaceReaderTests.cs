using FsCheck;
using FsCheck.Fluent;
using Tern.Evaluation;
using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class FaceReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_fold_is_read_and_everybody_outside_it_is_learned_from()
    {
        MadeFaces.Set(folder.Path);
        DataSplit split = FaceReader.Open(folder.Path, new PairsSpec("pairs.txt", Folds: [1]));
        Assert.Equal(["Person_D", "Person_E", "Person_F", "Person_G", "Person_H"], split.Train.Classes);
        Assert.Equal([.. split.Train.Classes, "Person_A", "Person_B", "Person_C"], split.Test.Classes);
        Assert.True(split.TestsOtherClasses);
        Assert.Equal((5 * 4, 6), (split.Train.Count, split.Test.Count));
        // In the order of the list, each once: A 1, A 2, B 1, B 3, C 2, A 3.
        string[] tested = [.. Enumerable.Range(0, 6).Select(split.Test.Name)];
        Assert.Equal(new[] { (0, 1), (0, 2), (1, 1), (1, 3), (2, 2), (0, 3) }.Select(at => MadeFaces.Picture(folder["faces"], at.Item1, at.Item2)), tested);
        Assert.Equal([5, 5, 6, 6, 7, 5], Enumerable.Range(0, 6).Select(i => split.Test.Labels[i]));
        Assert.Equal("view2-fold1", split.Pairs!.Name);
        Assert.Equal([new VerificationPair(0, 1, true, 1), new VerificationPair(2, 3, true, 1), new VerificationPair(0, 2, false, 1), new VerificationPair(4, 5, false, 1)], split.Pairs.Pairs);
    }

    [Fact]
    public void All_folds_are_reported_on_where_none_is_named()
    {
        MadeFaces.Set(folder.Path);
        DataSplit split = FaceReader.Open(folder.Path, new PairsSpec("pairs.txt"));
        Assert.Equal(["Person_F", "Person_G", "Person_H"], split.Train.Classes);
        Assert.Equal(("view2", 2, 8), (split.Pairs!.Name, split.Pairs.Folds, split.Pairs.Pairs.Count));
        Assert.Equal([1, 1, 1, 1, 2, 2, 2, 2], split.Pairs.Pairs.Select(pair => pair.Fold));
    }

    [Fact]
    public void Several_folds_are_reported_on_together_and_nobody_in_them_is_learned_from()
    {
        MadeFaces.Set(folder.Path);
        DataSplit both = FaceReader.Open(folder.Path, new PairsSpec("pairs.txt", Folds: [2, 1])), all = FaceReader.Open(folder.Path, new PairsSpec("pairs.txt"));
        Assert.Equal("view2-folds2+1", both.Pairs!.Name);
        Assert.Equal(all.Pairs!.Pairs, both.Pairs.Pairs);
        Assert.Equal(all.Train.Classes, both.Train.Classes);
    }

    [Fact]
    public void The_people_may_be_given_themselves_with_the_list_beside_them()
    {
        MadeFaces.Set(folder.Path);
        DataSplit inside = FaceReader.Open(folder.Path, new PairsSpec("pairs.txt")), beside = FaceReader.Open(folder["faces"], new PairsSpec("../pairs.txt"));
        Assert.Equal(inside.Train.Classes, beside.Train.Classes);
        Assert.Equal(inside.Pairs!.Text, beside.Pairs!.Text);
    }

    [Fact]
    public void People_with_too_few_pictures_are_not_learned_from()
    {
        MadeFaces.Set(folder.Path);
        MadeData.Png(folder["faces", "Person_Z", "Person_Z_0001.png"], MadeData.Picture(0, 0));
        Assert.DoesNotContain("Person_Z", FaceReader.Open(folder.Path, new PairsSpec("pairs.txt")).Train.Classes);
        Assert.Contains("Person_Z", FaceReader.Open(folder.Path, new PairsSpec("pairs.txt", Minimum: 1)).Train.Classes);
        Assert.Contains("nobody is left to learn from", Message(new PairsSpec("pairs.txt", Minimum: 5)));
        Assert.Equal(0, FaceReader.Open(folder.Path, new PairsSpec("pairs.txt", Minimum: 5), strict: false).Train.Count);
    }

    [Fact]
    public void A_first_line_may_say_how_many_pairs_there_are_or_be_missing()
    {
        MadeFaces.Set(folder.Path);
        File.WriteAllLines(folder["pairsDevTest.txt"], MadeFaces.TwoFolds[1..5]);
        File.WriteAllLines(folder["pairsDevTrain.txt"], ["2", .. MadeFaces.TwoFolds[1..5]]);
        foreach ((string list, string name) in new[] { ("pairsDevTest.txt", "view1"), ("pairsDevTrain.txt", "view1-development") })
        {
            PairSet pairs = FaceReader.Open(folder.Path, new PairsSpec(list)).Pairs!;
            Assert.Equal((name, 1, 4), (pairs.Name, pairs.Folds, pairs.Pairs.Count));
        }
    }

    [Theory]
    [InlineData("Person_A\t1\t2\nPerson_B\t1", "line 2: 2 fields; a pair of one person has 3")]
    [InlineData("Person_A\t1\t2\nPerson_B\t1\t9", "line 2: ", "Person_B_0009.jpg does not exist")]
    [InlineData("Person_A\t1\t2\nNobody\t1\tPerson_B\t1", "line 2: ", "Nobody_0001.jpg does not exist")]
    [InlineData("Person_A\t2\t2\nPerson_A\t1\tPerson_B\t1", "line 1: picture 2 of Person_A is paired with itself")]
    [InlineData("Person_A\t1\t2\nPerson_A\t1\tPerson_A\t3", "line 2: both are Person_A")]
    [InlineData("Person_A\t0\t2\nPerson_A\tx\tPerson_B\t1", "line 1: '0' is no number of a picture", "line 2: 'x' is no number of a picture")]
    [InlineData("2\t1\nPerson_A\t1\t2\nPerson_A\t1\tPerson_B\t1", "line 1 says 2 folds of 1 same and 1 different pairs, but there are 2 pairs")]
    [InlineData("2\t1\nPerson_A\t1\t2\nPerson_B\t1\t2\nPerson_A\t1\tPerson_B\t1\nPerson_A\t2\tPerson_B\t2", "but fold 1 has 2 same ones")]
    [InlineData("Person_A\t1\t2\nPerson_B\t1\t2", "all 2 pairs are the same; rates need pairs of both kinds, add different ones")]
    [InlineData("", "lists no pairs")]
    public void A_bad_list_is_told_with_its_lines(string text, params string[] expected)
    {
        MadeFaces.Set(folder.Path);
        File.WriteAllText(folder["list.txt"], text);
        string message = Message(new PairsSpec("list.txt"));
        Assert.All(expected, part => Assert.Contains(part, message));
        Assert.Contains("list.txt", message);
    }

    [Fact]
    public void A_fold_or_a_list_that_is_not_there_is_told()
    {
        MadeFaces.Set(folder.Path);
        Assert.Contains("has no fold 9; its folds are 1, 2", Message(new PairsSpec("pairs.txt", Folds: [2, 9])));
        Assert.Contains("nowhere.txt cannot be read", Message(new PairsSpec("nowhere.txt")));
        Assert.Contains("does not exist", Assert.Throws<TernException>(() => FaceReader.Open(folder["nowhere"], new PairsSpec("pairs.txt"))).Message);
    }

    [Fact]
    public void A_csv_names_pictures_by_their_paths()
    {
        MadeFaces.Tree(folder["faces"], people: 5);
        File.WriteAllLines(folder["mine.csv"],
        [
            "path1,path2,same,fold", "faces/Person_A/Person_A_0001.png,faces/Person_A/Person_A_0002.png,1,1", "faces/Person_A/Person_A_0001.png,\"faces/Person_B/Person_B_0001.png\",0,1",
            "faces/Person_C/Person_C_0001.png,faces/Person_C/Person_C_0002.png,true,2", "faces/Person_B/Person_B_0001.png,faces/Person_C/Person_C_0002.png,false,2",
        ]);
        DataSplit split = FaceReader.Open(folder.Path, new PairsSpec("mine.csv"));
        Assert.Equal(["Person_D", "Person_E"], split.Train.Classes);
        Assert.Equal("mine", split.Pairs!.Name);
        Assert.Equal([new VerificationPair(0, 1, true, 1), new VerificationPair(0, 2, false, 1), new VerificationPair(3, 4, true, 2), new VerificationPair(2, 4, false, 2)], split.Pairs.Pairs);
        Assert.Equal(["Person_A", "Person_D", "Person_E"], FaceReader.Open(folder.Path, new PairsSpec("mine.csv", Folds: [2])).Train.Classes);
    }

    [Theory]
    [InlineData("path1,path2\n", "the first line must read path1,path2,same")]
    [InlineData("path1,path2,same\n", "lists no pairs")]
    [InlineData("path1,path2,same\nfaces/Person_A/Person_A_0001.png,faces/Person_A/Person_A_0002.png,yes", "line 2: same must be 1 or 0; got 'yes'")]
    [InlineData("path1,path2,same\nfaces/Person_A/Person_A_0001.png,faces/Person_A/Person_A_0002.png,0", "line 2: same is 0, but the pictures lie in the folders of Person_A both")]
    [InlineData("path1,path2,same\nfaces/Person_A/Person_A_0001.png,faces/Person_B/Person_B_0002.png,1", "line 2: same is 1, but the pictures lie in the folders of Person_A and Person_B")]
    [InlineData("path1,path2,same\nfaces/Person_A/Person_A_0001.png,faces/../faces/Person_A/Person_A_0001.png,1", "line 2: faces/Person_A/Person_A_0001.png is paired with itself")]
    [InlineData("path1,path2,same\nfaces/Person_A/none.png,,1", "line 2: faces/Person_A/none.png does not exist", "line 2: '' is no path")]
    [InlineData("path1,path2,same,fold\nfaces/Person_A/Person_A_0001.png,faces/Person_A/Person_A_0002.png,1,0", "line 2: fold must be a whole number of at least 1; got '0'")]
    [InlineData("path1,path2,same\na,b", "line 2: 2 fields, expected 3")]
    [InlineData("path1,path2,same\n\"a,b,1", "line 2: a \" has no end")]
    public void A_bad_csv_is_told_with_its_lines(string text, params string[] expected)
    {
        MadeFaces.Tree(folder["faces"], people: 3);
        File.WriteAllText(folder["list.csv"], text);
        string message = Message(new PairsSpec("list.csv"));
        Assert.All(expected, part => Assert.Contains(part, message));
    }

    /// <summary>A list elsewhere brings its own pictures, so nobody of the folder is left out: somebody in both would be learned from and tested.</summary>
    [Theory]
    [InlineData("Person_B")]
    [InlineData("person_b")]
    public void Somebody_who_is_learned_from_and_tested_is_an_error(string name)
    {
        MadeFaces.Tree(folder["faces"], people: 3);
        foreach (string picture in new[] { "1.png", "2.png" }) MadeData.Png(folder["others", name, picture], MadeData.Picture(1, 90));
        MadeData.Png(folder["others", "Stranger", "1.png"], MadeData.Picture(1, 91));
        File.WriteAllLines(folder["others", "list.csv"], ["path1,path2,same", "Stranger/1.png,Stranger/2.png,1", $"{name}/1.png,{name}/2.png,1", $"Stranger/1.png,{name}/1.png,0"]);
        MadeData.Png(folder["others", "Stranger", "2.png"], MadeData.Picture(1, 92));
        string message = Assert.Throws<TernException>(() => FaceReader.Open(folder["faces"], new PairsSpec("../others/list.csv"))).Message;
        Assert.Contains($"line 3: {name} is tested here and would be learned from too, from {folder["faces", "Person_B"]}", message);
        Directory.Delete(folder["faces", "Person_B"], recursive: true);
        DataSplit split = FaceReader.Open(folder["faces"], new PairsSpec("../others/list.csv"));
        Assert.Equal(["Person_A", "Person_C"], split.Train.Classes);
        Assert.Equal(4, split.Test.Count);
    }

    /// <summary>
    /// Whatever the people, their pictures and the folds, in either format: who stands in the pairs, as they were drawn here, is not learned from, everybody else with enough pictures is, labels say who
    /// is who, and who is held back is neither.
    /// </summary>
    [Fact]
    public void Folds_never_leak() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        using var made = new TemporaryFolder();
        int[] pictures = [.. Enumerable.Range(0, random.Next(3, 14)).Select(person => person == 0 ? 2 : random.Next(1, 5))];
        for (int person = 0; person < pictures.Length; person++)
        {
            Directory.CreateDirectory(made["faces", MadeFaces.Name(person)]);
            for (int number = 1; number <= pictures[person]; number++) File.WriteAllBytes(MadeFaces.Picture(made["faces"], person, number), []);
        }
        int folds = random.Next(1, 4), minimum = random.Next(1, 4), each = random.Next(1, 4);
        DrawnPair[] pairs = [.. Enumerable.Range(1, folds).SelectMany(fold => Pairs(random, pictures, fold, each))];
        string list = random.Next(2) == 0 ? "list.csv" : "list.txt";
        File.WriteAllLines(made[list], list == "list.csv" ? ["path1,path2,same,fold", .. pairs.Select(pair => pair.Csv)] : [$"{folds}\t{each}", .. pairs.Select(pair => pair.Lfw)]);
        int[]?[] choices = [null, .. Enumerable.Range(1, folds).Select(fold => new[] { fold }), [.. Enumerable.Range(1, Math.Min(2, folds))]];
        foreach (int[]? chosen in choices)
        {
            var spec = new PairsSpec(list, chosen, minimum);
            DataSplit split = FaceReader.Open(made.Path, spec, strict: false);
            DrawnPair[] reported = [.. pairs.Where(pair => chosen is null || chosen.Contains(pair.Fold))];
            HashSet<string> tested = [.. reported.SelectMany(pair => new[] { MadeFaces.Name(pair.One), MadeFaces.Name(pair.Other) })], learned = [.. Shown(split.Train)];
            Assert.Equal(tested.Order(), Shown(split.Test).Distinct().Order());
            Assert.Equal(
                Enumerable.Range(0, pictures.Length).Where(person => pictures[person] >= minimum && !tested.Contains(MadeFaces.Name(person))).Select(MadeFaces.Name), learned.Order());
            Assert.Empty(split.Train.Labels.Carriers().Select(carriers => carriers.Key).Intersect(split.Test.Labels.Carriers().Select(carriers => carriers.Key)));
            Assert.Equal(
                reported.Select(pair => (MadeFaces.Picture(made["faces"], pair.One, pair.First), MadeFaces.Picture(made["faces"], pair.Other, pair.Second), pair.One == pair.Other, pair.Fold)),
                split.Pairs!.Pairs.Select(pair => (split.Test.Name(pair.First), split.Test.Name(pair.Second), pair.Same, pair.Fold)));
            if (minimum == 1 || learned.Count < 4) continue;                              // four people with two pictures or more: two can be held back
            TrainingParts parts = ValidationSplit.Of(MadeData.Spec(validation: 2) with { Pairs = spec }, split.Train.Labels, split.TestsOtherClasses, (ulong)seed);
            string[] kept = [.. parts.Learned.Select(i => PersonOf(split.Train.Name(i))).Distinct()], heldBack = [.. parts.HeldBack.Select(i => PersonOf(split.Train.Name(i))).Distinct()];
            Assert.Equal(2, heldBack.Length);
            Assert.Empty(kept.Intersect(heldBack));
            Assert.Empty(kept.Concat(heldBack).Intersect(tested));
            Assert.Equal(learned.Order(), kept.Concat(heldBack).Order());
            Assert.Equal(kept.Order(), parts.Classes!.Select(label => split.Train.Classes[label]));
        }
    }).QuickCheckThrowOnFailure();

    /// <summary>The real lists, where LFW lies in <c>data/lfw</c> (pairs.txt, pairsDevTest.txt and the folder of people) or its pack in a folder shared with other checkouts. Numbers counted from the lists by a script.</summary>
    [SkippableFact]
    public void LFW_has_its_numbers()
    {
        string? lfw = SharedData.Lfw(folder);
        Skip.If(lfw is null, $"neither data/lfw nor {SharedData.Pack}, here or in a folder above, is there");
        DataSplit view1 = FaceReader.Open(lfw!, new PairsSpec("pairsDevTest.txt")), first = FaceReader.Open(lfw!, new PairsSpec("pairs.txt", Folds: [1]));
        DataSplit two = FaceReader.Open(lfw!, new PairsSpec("pairs.txt", Folds: [1, 2])), all = FaceReader.Open(lfw!, new PairsSpec("pairs.txt"));
        Assert.Equal((1262, 6968, 963), (view1.Train.Classes.Count, view1.Train.Count, view1.Test.Classes.Count - 1262));
        Assert.Equal((1505, 8243, 600), (first.Train.Classes.Count, first.Train.Count, first.Pairs!.Pairs.Count));
        Assert.Equal((1358, 7298, 1200), (two.Train.Classes.Count, two.Train.Count, two.Pairs!.Pairs.Count));
        Assert.Equal((52, 133, 6000, 10), (all.Train.Classes.Count, all.Train.Count, all.Pairs!.Pairs.Count, all.Pairs.Folds));
    }

    /// <summary>A pair as it was drawn: the truth of what a line says.</summary>
    private sealed record DrawnPair(int One, int First, int Other, int Second, int Fold)
    {
        public string Csv => $"{Path(One, First)},{Path(Other, Second)},{(One == Other ? 1 : 0)},{Fold}";

        public string Lfw => One == Other ? $"{MadeFaces.Name(One)}\t{First}\t{Second}" : $"{MadeFaces.Name(One)}\t{First}\t{MadeFaces.Name(Other)}\t{Second}";

        private static string Path(int person, int number) => $"faces/{MadeFaces.Name(person)}/{MadeFaces.Name(person)}_{number:D4}.png";
    }

    /// <summary>As many same as different pairs, as LFW's folds have.</summary>
    private static IEnumerable<DrawnPair> Pairs(Random random, int[] pictures, int fold, int each)
    {
        int[] several = [.. Enumerable.Range(0, pictures.Length).Where(person => pictures[person] > 1)];
        for (int i = 0; i < each; i++)
        {
            int same = several[random.Next(several.Length)], number = random.Next(1, pictures[same]);
            yield return new DrawnPair(same, number, same, number + 1, fold);
        }
        for (int i = 0; i < each; i++)
        {
            int one = random.Next(pictures.Length), other = (one + random.Next(1, pictures.Length)) % pictures.Length;
            yield return new DrawnPair(one, random.Next(1, pictures[one] + 1), other, random.Next(1, pictures[other] + 1), fold);
        }
    }

    private static string PersonOf(string path) => Path.GetFileName(Path.GetDirectoryName(path))!;

    private static IEnumerable<string> Shown(ImageSet set) => Enumerable.Range(0, set.Count).Select(i => set.Classes[set.Labels[i]]);

    private string Message(PairsSpec pairs) => Assert.Throws<TernException>(() => FaceReader.Open(folder.Path, pairs)).Message;
}
