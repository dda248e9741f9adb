using Tern.Torch;
using Tern.Training.Descriptors;
using Tern.Training.Models;

namespace Tern.Training.Tests.Descriptors;

public sealed class SaliencyTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(DescriptorArchitecture.Cgd)]
    [InlineData(DescriptorArchitecture.A)]
    [InlineData(DescriptorArchitecture.B)]
    public void Shares_of_all_places_sum_to_one(DescriptorArchitecture architecture)
    {
        (CombinedDescriptors network, Tensor picture) = Make("SMG", architecture);
        Saliency[] saliency = Saliency.Of(network, picture);
        Assert.Equal(3, saliency.Length);
        foreach (Saliency one in saliency)
        {
            Assert.Equal(one.Height * one.Width, one.Shares.Length);
            Assert.Equal(1, one.Shares.Sum(), 1e-3);
        }
    }

    /// <summary>Of the mean, a place brings the product of what it says with what the whole map says, written out in loops.</summary>
    [Fact]
    public void A_place_brings_to_the_mean_its_agreement_with_the_whole()
    {
        (CombinedDescriptors network, Tensor picture) = Make("S", DescriptorArchitecture.Cgd);
        Tensor map = network.Trunk.Map(picture);
        (int channels, int places) = ((int)map.Shape[1], (int)(map.Shape[2] * map.Shape[3]));
        float[] x = map.ToArray<float>(), weight = network.StateDict["reductions.0.weight"].ToArray<float>();
        int outputs = weight.Length / channels;
        double[] Reduced(Func<int, double> channel) => [.. Enumerable.Range(0, outputs).Select(k => Enumerable.Range(0, channels).Sum(c => weight[k * channels + c] * channel(c)))];
        double[] whole = Reduced(c => Enumerable.Range(0, places).Average(place => x[c * places + place]));
        double[] brought = [.. Enumerable.Range(0, places).Select(place => Reduced(c => x[c * places + place] / (double)places).Zip(whole, (a, b) => a * b).Sum())];
        Assert.All(Saliency.Of(network, picture)[0].Shares.Zip(brought), pair => Assert.Equal(pair.Second / brought.Sum(), pair.First, 1e-4));
    }

    /// <summary>Of the largest value, a place brings what the channels say that have their largest value there; equal ones share.</summary>
    [Fact]
    public void A_place_brings_to_the_largest_value_the_channels_that_are_largest_there()
    {
        (CombinedDescriptors network, Tensor picture) = Make("M", DescriptorArchitecture.Cgd);
        Tensor map = network.Trunk.Map(picture);
        (int channels, int places) = ((int)map.Shape[1], (int)(map.Shape[2] * map.Shape[3]));
        float[] x = map.ToArray<float>(), weight = network.StateDict["reductions.0.weight"].ToArray<float>();
        int outputs = weight.Length / channels;
        float[] largest = [.. Enumerable.Range(0, channels).Select(c => x.AsSpan(c * places, places).ToArray().Max())];
        double[] reduced = [.. Enumerable.Range(0, outputs).Select(k => Enumerable.Range(0, channels).Sum(c => (double)weight[k * channels + c] * largest[c]))];
        var brought = new double[places];
        for (int c = 0; c < channels; c++)
        {
            int[] at = [.. Enumerable.Range(0, places).Where(place => x[c * places + place] == largest[c])];
            double agreement = Enumerable.Range(0, outputs).Sum(k => weight[k * channels + c] * (double)largest[c] * reduced[k]);
            foreach (int place in at) brought[place] += agreement / at.Length;
        }
        Assert.All(Saliency.Of(network, picture)[0].Shares.Zip(brought), pair => Assert.Equal(pair.Second / brought.Sum(), pair.First, 1e-4));
    }

    [Fact]
    public void No_gradient_stays_in_the_network()
    {
        (CombinedDescriptors network, Tensor picture) = Make("SG", DescriptorArchitecture.Cgd);
        Saliency.Of(network, picture);
        Assert.All(network.StateDict.Values, tensor => Assert.True(tensor.Gradient is not { } gradient || gradient.ToArray<float>().All(value => value == 0)));
    }

    private static (CombinedDescriptors Network, Tensor Picture) Make(string descriptors, DescriptorArchitecture architecture)
    {
        TorchRuntime.Seed(3);
        HashingNetwork network = new CgdSpec(new ResNetSpec(18), descriptors, 24, Architecture: architecture).Build(new ImageShape(96, 96, 3), 8, 4);
        network.Train(false);
        return ((CombinedDescriptors)network.Backbone, Tensor.RandomNormal(1, 3, 96, 96));
    }
}
