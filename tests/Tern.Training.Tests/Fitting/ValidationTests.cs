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

    /// <summary>Average precision in plain loops: every order of equally far items equally likely, by drawing many.</summary>
    [Fact]
    public void It_is_the_mean_average_precision_of_held_back_pictures_among_the_gallery()
    {
        TorchRuntime.Seed(4);
        HashingNetwork network = new DshSpec().Build(new ImageShape(16, 16, 1), 12, 3);
        network.Train(false);
        PixelStore queries = MadeData.Store(3, 9, 16), gallery = MadeData.Store(3, 30, 16, first: 100);
        var normalization = new PixelNormalization([0.5], [0.5]);
        double actual = new Validation(queries, gallery, normalization, Precision.Float32, threads: 1).MeanAveragePrecision(network, default);

        bool[][] asked = Codes(network, queries, normalization), answered = Codes(network, gallery, normalization);
        var random = new Random(5);
        double sum = 0;
        const int Draws = 2000;
        for (int draw = 0; draw < Draws; draw++)
            for (int query = 0; query < queries.Count; query++)
            {
                int[] ranking = [.. Enumerable.Range(0, gallery.Count).OrderBy(i => answered[i].Zip(asked[query]).Count(pair => pair.First != pair.Second)).ThenBy(_ => random.Next())];
                double found = 0, precision = 0;
                for (int rank = 0; rank < ranking.Length; rank++)
                    if (gallery.Labels[ranking[rank]] == queries.Labels[query]) precision += ++found / (rank + 1);
                sum += precision / found;
            }
        Assert.Equal(sum / Draws / queries.Count, actual, 0.005);
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

    private static bool[][] Codes(HashingNetwork network, PixelStore store, PixelNormalization normalization)
    {
        using var noGrad = new NoGrad();
        return [.. new BatchLoader(store, normalization, 1, seed: 0).All().Select(batch =>
            Array.ConvertAll(network.Run(NetworkRunner.ToTensor(batch, store.Shape)).Hash.ToArray<float>(), value => value > 0))];
    }
}
