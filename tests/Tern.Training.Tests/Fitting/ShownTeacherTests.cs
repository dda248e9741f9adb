using Tern.Torch;
using Tern.Torch.Weights;
using Tern.Training.Data;
using Tern.Training.Fitting;
using Tern.Training.Models;

namespace Tern.Training.Tests.Fitting;

/// <summary>A teacher that is two files. The made pictures are called made#0, made#1, ...</summary>
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
        Assert.Contains("and a column for each class; got [6, 2]", Refused("softLabels"));
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
    }

    private PixelStore Files(params string[] paths)
    {
        string[] files = Array.ConvertAll(paths, path => folder["people", path]);
        foreach (string file in files) MadeData.Png(file, MadeData.Picture(0, 0));
        return PixelStore.Load(new FileImageSet(["person"], [.. files.Select(file => (file, 0))]), MadeData.Spec(), 1, default);
    }

    private ShownSpec Spec => new(folder["shown.safetensors"], folder["names.txt"]);

    private ShownTeacher Open(string? comparesLogits) => ShownTeacher.Open(Spec, store, comparesLogits);

    private string Refused(string? comparesLogits = null) => Assert.Throws<TernException>(() => Open(comparesLogits)).Message;

    /// <summary>Row after row: the picture's number, plus a quarter a column. Exact in half precision.</summary>
    private static Tensor Values(int[] pictures, int columns) =>
        Tensor.From(pictures.SelectMany(i => Enumerable.Range(0, columns).Select(column => i + column / 4f)).ToArray(), pictures.Length, columns);

    private void Write(DType type, string[] names, Tensor embeddings, Tensor? logits = null)
    {
        var tensors = new Dictionary<string, Tensor> { ["embeddings"] = embeddings.To(type) };
        if (logits is not null) tensors["logits"] = logits.To(type);
        using FileStream stream = File.Create(Spec.Shown);
        SafetensorsFile.Write(stream, tensors);
        File.WriteAllLines(Spec.Names, names);
    }
}
