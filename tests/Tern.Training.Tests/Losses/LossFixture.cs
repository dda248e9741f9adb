using System.Text.Json;
using Tern.Torch;
using Tern.Training.Losses;
using Tern.Training.Models;

namespace Tern.Training.Tests.Losses;

/// <summary>losses.json, which fixtures/make.py makes with PyTorch: inputs, and the value and gradient of each loss at them.</summary>
internal static class LossFixture
{
    private static readonly JsonElement Json = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "fixtures", "losses.json"))).RootElement;

    public static float[] Floats(string name) => [.. Json.GetProperty(name).EnumerateArray().Select(value => value.GetSingle())];

    public static Tensor Integers(string name) => Tensor.From(Json.GetProperty(name).EnumerateArray().Select(value => value.GetInt64()).ToArray());

    /// <summary>Six hash outputs of 8 bits in 5 classes.</summary>
    public static LossInput Hashes(out Tensor hash)
    {
        hash = Tensor.From(Floats("hashes"), 6, 8);
        hash.RequiresGrad = true;
        return Of(hash, Integers("hashClasses"), classes: 5);
    }

    /// <summary>The first <paramref name="count"/> of eight embeddings of 6 dimensions, float64; their classes are "ranks" where not given.</summary>
    public static LossInput Rankings(out Tensor embedding, int count = 8, params long[] classes)
    {
        embedding = Tensor.From(Array.ConvertAll(Floats("embeddings")[..(6 * count)], value => (double)value), count, 6);
        embedding.RequiresGrad = true;
        return Of(embedding, classes.Length == 0 ? Integers("ranks") : Tensor.From(classes), classes: 4);
    }

    /// <summary>What a loss on the hash layer or the embedding is given; the logits are zeros, there for their number.</summary>
    public static LossInput Of(Tensor hash, Tensor labels, int classes) => new(new NetworkOutput(hash, hash, Tensor.Zeros([hash.Shape[0], classes])), labels);

    public static void AssertEqualsPyTorch(string name, Tensor leaf, Tensor loss)
    {
        JsonElement expected = Json.GetProperty(name);
        double value = expected.GetProperty("value").GetDouble();
        Assert.Equal(value, loss.Item(), Math.Abs(value) * 1e-5);
        loss.Backward();
        float[] gradient = [.. expected.GetProperty("gradient").EnumerateArray().Select(item => item.GetSingle())];
        float[] actual = leaf.Gradient!.To(DType.Float32).ToArray<float>();
        double scale = gradient.Max(Math.Abs);
        for (int i = 0; i < gradient.Length; i++) Assert.Equal(gradient[i], actual[i], scale * 1e-5);
    }
}
