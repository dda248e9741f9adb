using Tern.Torch;
using Tern.Torch.Weights;
using Tern.Training.Data;
using Tern.Training.Fitting;
using Tern.Training.Models;

namespace Tern.Training.Tests.Fitting;

/// <summary>A teacher that is files. The made pictures are called made#0, made#1, ..., their classes class0, class1 and class2.</summary>
public sealed class ShownTeacherTests : IDisposable
{
    private const int Count = 6, Width = 4, Classes = 3;
    private readonly TemporaryFolder folder = new();
    private readonly TensorScope scope = new();
    private readonly PixelStore store = MadeData.Store(Classes, Count);

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float16)]
    public void Each_picture_gets_its_row_whatever_the_order_and_the_type(DType type)
    {
        int[] order = [4, 2, 0, 5, 1, 3];
        Write(type, [.. order.Select(i => $"made#{i}")], Values(order, Width), Values(order, Classes));
        ShownTeacher teacher = Open("softLabels");
        NetworkOutput shown = teacher.Show(new Batch([], [], null, [3, 0, 3]), Tensor.Zeros([3, 1, 16, 16]));
        Assert.Equal([3f, 3.25f, 3.5f, 3.75f, 0, 0.25f, 0.5f, 0.75f, 3, 3.25f, 3.5f, 3.75f], shown.Embedding.ToArray<float>());
        Assert.Equal([3f, 3.25f, 3.5f, 0, 0.25f, 0.5f, 3, 3.25f, 3.5f], shown.Logits.ToArray<float>());
        Assert.Equal([3L, 0], shown.Hash.Shape);
    }

    /// <summary>The classifier of the file knows four classes in an order of its own; one of ours is held back.</summary>
    [Fact]
    public void Columns_of_logits_are_found_by_the_names_of_the_classes_learned()
    {
        int[] rows = [.. Enumerable.Range(0, Count)];
        Write(DType.Float32, [.. rows.Select(i => $"made#{i}")], Values(rows, Width), Values(rows, 4), ["class2", "stranger", "class0", "class1"]);
        Assert.Equal([4.5f, 4.75f, 4], Open("softLabels").Show(new Batch([], [], null, [4]), Tensor.Zeros([1])).Logits.ToArray<float>());
        PixelStore learned = store.Select([0, 2, 3, 5], [0, 2]);                                   // made#0 and made#3 of class0, made#2 and made#5 of class2
        Assert.Equal([5.5f, 5], ShownTeacher.Open(Spec, learned, "softLabels").Show(new Batch([], [], null, [3]), Tensor.Zeros([1])).Logits.ToArray<float>());
    }

    [Fact]
    public void Classes_that_are_missing_or_twice_are_told()
    {
        int[] rows = [.. Enumerable.Range(0, Count)];
        string[] names = [.. rows.Select(i => $"made#{i}")];
        Write(DType.Float32, names, Values(rows, Width), Values(rows, Classes), ["class2", "class9", "stranger"]);
        Assert.Contains("classes.txt has no line for class0, nor for 1 others of the 3 classes to learn; its first is 'class2'", Refused("softLabels"));
        Write(DType.Float32, names, Values(rows, Width), Values(rows, Classes), ["class2", "class0", "class2"]);
        Assert.Contains("has 'class2' on line 1 and again on line 3; leave one of the two columns out", Refused("softLabels"));
        Assert.Contains("teacher.classes: is missing, and softLabels compares logits", Assert.Throws<TernException>(() => ShownTeacher.Open(Spec with { Classes = null }, store, "softLabels")).Message);
        File.Delete(Spec.Classes!);
        Assert.StartsWith("teacher.classes: ", Refused("softLabels"));
        Assert.NotNull(Open(null));                                                               // nobody asks for it
    }

    [Fact]
    public void With_mirror_images_a_picture_is_the_mean_of_both_at_length_1()
    {
        string[] names = [.. Enumerable.Range(0, Count).Select(i => $"made#{i}")];
        Tensor Alike(params float[] row) => Tensor.From(Enumerable.Repeat(row, Count).SelectMany(values => values).ToArray(), Count, row.Length);
        Tensor upright = Alike(3, 4), flipped = Alike(0, 0.1f);
        Write(DType.Float32, names, upright, flipped: flipped);
        float[] shown = Open(null).Show(new Batch([], [], null, [1]), Tensor.Zeros([1])).Embedding.ToArray<float>();
        Assert.Equal(0.6 / Math.Sqrt(3.6), shown[0], 1e-6);                                       // (.6, .8) + (0, 1) = (.6, 1.8)
        Assert.Equal(1.8 / Math.Sqrt(3.6), shown[1], 1e-6);
        Write(DType.Float32, names, upright, flipped: Values([0, 1, 2, 3, 4, 5], 3));
        Assert.Contains("'embeddings_flipped' of", Refused());
        Assert.Contains("must be [6, 2], a row for each line of", Refused());
        Assert.Contains("and as many columns as 'embeddings'; got [6, 3]", Refused());
    }

    [Fact]
    public void A_line_is_the_end_of_a_path_and_the_longest_counts()
    {
        PixelStore files = Files("P0/0.png", "P0/1.png", "P1/0.png", "P1/1.png", "P2/0.png", "P2/1.png");
        // 1.png is the picture of nobody else: P0/1.png and P1/1.png have lines of their own.
        string[] names = ["P1/1.png", "other/P0/0.png", "P0/0.png", "people/P0/1.png", "1.png", "P1/0.png", "P2/0.png"];
        Write(DType.Float32, names, Values([0, 1, 2, 3, 4, 5, 6], Width));
        ShownTeacher teacher = ShownTeacher.Open(Spec, files, null);
        float[] first = [.. Enumerable.Range(0, files.Count).Select(i => teacher.Show(new Batch([], [], null, [i]), Tensor.Zeros([1])).Embedding.ToArray<float>()[0])];
        Assert.Equal([2f, 3, 5, 0, 6, 4], first);
    }

    [Fact]
    public void A_picture_without_a_row_is_told_with_how_many_there_are()
    {
        Write(DType.Float32, ["made#0", "made#1", "made#2", "made#5"], Values([0, 1, 2, 5], Width));
        Assert.Contains("has no line for made#3, nor for 1 others of the 6 pictures to learn from; a line is the end of a path, and its first is 'made#0'", Refused());
    }

    [Fact]
    public void One_row_for_two_pictures_and_two_rows_for_one_are_refused()
    {
        PixelStore files = Files("P0/0.png", "P0/1.png", "P1/1.png", "P1/2.png");
        Write(DType.Float32, ["0.png", "1.png", "2.png"], Values([0, 1, 2], Width));
        string message = Assert.Throws<TernException>(() => ShownTeacher.Open(Spec, files, null)).Message;
        Assert.Matches("line 2 of .*names.txt stands for .*P0/1.png and for .*P1/1.png: write more of the path", message);

        Write(DType.Float32, ["made#0", "made#1", "made#0"], Values([0, 1, 0], Width));
        Assert.Contains("has 'made#0' on line 1 and again on line 3", Refused());
    }

    [Fact]
    public void Files_that_do_not_fit_are_refused_with_both_shapes()
    {
        string[] names = [.. Enumerable.Range(0, Count).Select(i => $"made#{i}")];
        int[] rows = [.. Enumerable.Range(0, Count)];
        Write(DType.Float32, names, Values(rows, Width));
        Assert.Contains("has no tensor 'logits', which teacherWeighting compares; it has embeddings", Refused("teacherWeighting"));
        Write(DType.Float32, names[..5], Values(rows, Width));
        Assert.Contains("'embeddings' of", Refused());
        Assert.Contains("must be [5, D], a row for each line of", Refused());
        Assert.Contains("got [6, 4]", Refused());
        Write(DType.Float32, names, Values(rows, Width), Values(rows, 2));
        Assert.Contains("must be [6, 3], a row for each line of", Refused("softLabels"));
        Assert.Matches("and a column for each of .*classes.txt; got \\[6, 2\\]", Refused("softLabels"));
        Assert.NotNull(Open(null));                                                      // logits that nobody compares may be anything
        Write(DType.Float32, names, Values(rows, Width) * double.NaN);
        Assert.Contains("has values that are no numbers", Refused());
    }

    [Fact]
    public void Files_that_are_not_there_are_told_and_other_contents_have_another_hash()
    {
        Assert.StartsWith("teacher.shown: ", Refused());
        Write(DType.Float32, ["made#0"], Values([0], Width));
        string before = Spec.Hash();
        Assert.Equal(before, Spec.Hash());
        File.WriteAllText(Spec.Names, "made#1\n");
        Assert.NotEqual(before, Spec.Hash());
        File.Delete(Spec.Names);
        Assert.StartsWith("teacher.names: ", Refused());
        Assert.StartsWith("teacher.names: ", Assert.Throws<TernException>(() => Spec.Hash()).Message);
        Write(DType.Float32, ["made#0"], Values([0], Width));
        File.WriteAllText(Spec.Classes!, "other\n");
        Assert.NotEqual(before, Spec.Hash());
        Assert.Equal((Spec with { Classes = null }).Hash(), (Spec with { Classes = null }).Hash());
        Assert.NotEqual(Spec.Hash(), (Spec with { Classes = null }).Hash());
    }

    private PixelStore Files(params string[] paths)
    {
        string[] files = Array.ConvertAll(paths, path => folder["people", path]);
        foreach (string file in files) MadeData.Png(file, MadeData.Picture(0, 0));
        return PixelStore.Load(new FileImageSet(["person"], [.. files.Select(file => (file, 0))]), MadeData.Spec(), 1, default);
    }

    private ShownSpec Spec => new(folder["shown.safetensors"], folder["names.txt"], folder["classes.txt"]);

    private ShownTeacher Open(string? comparesLogits) => ShownTeacher.Open(Spec, store, comparesLogits);

    private string Refused(string? comparesLogits = null) => Assert.Throws<TernException>(() => Open(comparesLogits)).Message;

    /// <summary>Row after row: the picture's number, plus a quarter a column. Exact in half precision.</summary>
    private static Tensor Values(int[] pictures, int columns) =>
        Tensor.From(pictures.SelectMany(i => Enumerable.Range(0, columns).Select(column => i + column / 4f)).ToArray(), pictures.Length, columns);

    private void Write(DType type, string[] names, Tensor embeddings, Tensor? logits = null, string[]? classes = null, Tensor? flipped = null)
    {
        var tensors = new Dictionary<string, Tensor> { ["embeddings"] = embeddings.To(type) };
        if (logits is not null) tensors["logits"] = logits.To(type);
        if (flipped is not null) tensors["embeddings_flipped"] = flipped.To(type);
        using FileStream stream = File.Create(Spec.Shown);
        SafetensorsFile.Write(stream, tensors);
        File.WriteAllLines(Spec.Names, names);
        File.WriteAllLines(Spec.Classes!, classes ?? MadeData.ClassNames(Classes));
    }
}
