using Tern.Torch;
using Tern.Training.Data;
using Tern.Training.Fitting;
using Tern.Training.Models;
using Tern.Training.Runs;
using Tern.Training.Recipes;
using Tern.Training.Tests.Runs;

namespace Tern.Training.Tests.Fitting;

public sealed class ValidationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TensorScope scope = new();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void It_is_the_mean_average_precision_of_held_back_pictures_among_the_gallery()
    {
        PixelStore queries = MadeData.Store(3, 9, 16), gallery = MadeData.Store(3, 30, 16, first: 100);
        HashingNetwork network = Network();
        double actual = new Validation(queries, gallery, Normalization, Precision.Float32, threads: 1).MeanAveragePrecision(network, default);
        Assert.Equal(ByDrawing(network, queries, gallery), actual, 0.005);
    }

    [Fact]
    public void Without_a_gallery_each_asks_among_all_the_others()
    {
        PixelStore held = MadeData.Store(3, 12, 16);
        HashingNetwork network = Network();
        double actual = new Validation(held, null, Normalization, Precision.Float32, threads: 1).MeanAveragePrecision(network, default);
        Assert.Equal(ByDrawing(network, held, held, leaveOneOut: true), actual, 0.005);
    }

    [Fact]
    public void The_gallery_is_learned_pictures_of_the_classes_held_back()
    {
        Recipe recipe = RecipeFile.Read(TinyRecipe.Write(folder.Path));
        RunData data = RunData.Load(recipe, new Progress<RunEvent>(), default);
        Assert.Equal(data.Learn.Count, data.ValidationGallery!.Count);                     // all, where there are few
        Assert.Empty(data.ValidationGallery.Names.Intersect(data.Validation.Names));
        Assert.Subset(data.Learn.Names.ToHashSet(), data.ValidationGallery.Names.ToHashSet());
    }

    [Fact]
    public void Where_the_test_classes_are_not_trained_on_whole_classes_are_held_back()
    {
        MadeData.Folder(folder["flat"], classes: 6, train: 90, test: 0, channels: 1);
        RunData data = RunData.Load(RecipeFile.Read(TinyRecipe.Write(folder.Path), ["data.path=flat", "data.trainClasses=4"]), new Progress<RunEvent>(), default);
        string[] Classes(PixelStore store) => [.. store.Names.Select(name => Path.GetFileName(Path.GetDirectoryName(name)!)).Distinct().Order()];
        Assert.Null(data.ValidationGallery);
        Assert.Equal((60, 30, 30, 30), (data.Train.Count, data.Test.Count, data.Learn.Count, data.Validation.Count));
        Assert.Equal(Classes(data.Learn), data.Learn.Classes);
        Assert.Equal(["class0", "class1", "class2", "class3"], Classes(data.Learn).Concat(Classes(data.Validation)).Order());
        for (int i = 0; i < data.Learn.Count; i++) Assert.Contains($"{Path.DirectorySeparatorChar}{data.Learn.Classes[data.Learn.Labels[i]]}{Path.DirectorySeparatorChar}", data.Learn.Names[i]);
    }

    [Fact]
    public void Or_pictures_of_every_class_if_the_recipe_says_so()
    {
        MadeData.Folder(folder["flat"], classes: 6, train: 90, test: 0, channels: 1);
        RunData data = RunData.Load(RecipeFile.Read(TinyRecipe.Write(folder.Path), ["data.path=flat", "data.trainClasses=4", "data.holdBack=pictures"]), new Progress<RunEvent>(), default);
        Assert.NotNull(data.ValidationGallery);
        Assert.Equal((4, 18, 42), (data.Learn.Classes.Count, data.Validation.Count, data.ValidationGallery.Count));
    }

    private static readonly PixelNormalization Normalization = new([0.5], [0.5]);

    private static HashingNetwork Network()
    {
        TorchRuntime.Seed(4);
        HashingNetwork network = new DshSpec().Build(new ImageShape(16, 16, 1), 12, 3);
        network.Train(false);
        return network;
    }

    /// <summary>Average precision in plain loops: every order of equally far items equally likely, by drawing many.</summary>
    private static double ByDrawing(HashingNetwork network, PixelStore queries, PixelStore gallery, bool leaveOneOut = false)
    {
        const int Draws = 2000;
        bool[][] asked = Codes(network, queries, Normalization), answered = Codes(network, gallery, Normalization);
        var random = new Random(5);
        double sum = 0;
        for (int draw = 0; draw < Draws; draw++)
            for (int query = 0; query < queries.Count; query++)
            {
                int[] ranking =
                [
                    .. Enumerable.Range(0, gallery.Count).Where(i => !leaveOneOut || i != query)
                        .OrderBy(i => answered[i].Zip(asked[query]).Count(pair => pair.First != pair.Second)).ThenBy(_ => random.Next()),
                ];
                double found = 0, precision = 0;
                for (int rank = 0; rank < ranking.Length; rank++)
                    if (gallery.Labels[ranking[rank]] == queries.Labels[query]) precision += ++found / (rank + 1);
                sum += precision / found;
            }
        return sum / Draws / queries.Count;
    }

    private static bool[][] Codes(HashingNetwork network, PixelStore store, PixelNormalization normalization)
    {
        using var noGrad = new NoGrad();
        return [.. new BatchLoader(store, normalization, 1, seed: 0).All().Select(batch =>
            Array.ConvertAll(network.Run(NetworkRunner.ToTensor(batch, store.Shape)).Hash.ToArray<float>(), value => value > 0))];
    }
}
