using Tern.Torch;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Export;

/// <summary>What a model costs.</summary>
/// <param name="Parameters">Trained values, those of the classifier and of a ternary layer's latent weights included.</param>
/// <param name="MultiplyAdds">For one picture: those of convolutions and fully connected layers, classifier included, as is the custom; biases, normalisation and pools are not counted.</param>
/// <param name="Bytes">Length of the exported file, which holds no classifier and ternary layers packed; the names in its lineage change it by a few bytes.</param>
public sealed record ModelCost(long Parameters, long MultiplyAdds, long Bytes)
{
    /// <summary>The cost of a network, ternary layers and all, for pictures of this shape.</summary>
    public static ModelCost Of(HashingNetwork network, ImageShape shape) => new(network.ParameterCount, MultiplyAddsOf(network, shape), BytesOf(network, shape));

    /// <summary>The cost of a model; a network is built for it from libtorch's random state.</summary>
    public static ModelCost Of(ModelSpec model, ImageShape shape, int bits, int classes)
    {
        using var scope = new TensorScope();
        return Of(model.Build(shape, bits, classes), shape);
    }

    /// <summary>
    /// For one picture of this shape, read off a run on one, so that it holds for every network: each output of a layer takes as many as its row of the weight
    /// has values.
    /// </summary>
    public static long MultiplyAddsOf(HashingNetwork network, ImageShape shape)
    {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        bool training = network.Training;
        network.Train(false);
        Tensor picture = Tensor.Zeros([1, shape.Channels, shape.Height, shape.Width]);
        using var trace = new OperatorTrace();
        network.Run(picture);
        trace.Stop();
        network.Train(training);
        return trace.Calls.Where(call => call.Name is "aten::conv2d" or "aten::linear")
            .Sum(call => Product(trace.Shape(call.Result)) * Product(trace.Shape(call.Arguments[1].Tensor)[1..]));
    }

    private static long BytesOf(HashingNetwork network, ImageShape shape)
    {
        double[] channels = [.. Enumerable.Repeat(0.5, shape.Channels)];
        string hash = new('0', 64);
        bool training = network.Training;
        byte[] file = OnnxExporter.Export(network, new DataSpec("", shape.Height, shape.Width, shape.Channels, channels, channels, 2), new Lineage("student", hash, hash, hash));
        network.Train(training);
        return file.Length;
    }

    private static long Product(long[] sizes) => sizes.Aggregate(1L, (product, size) => product * size);
}
