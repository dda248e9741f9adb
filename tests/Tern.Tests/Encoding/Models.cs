using Tern.Encoding;

namespace Tern.Tests.Encoding;

/// <summary>Models the tests share.</summary>
internal static class Models
{
    /// <summary>
    /// A whole Tern model in small: pixels, normalisation, two convolutions with a shortcut, pools, a ternary hash layer, bits.
    /// </summary>
    public static ModelBuilder Encoder(int seed = 1, int size = 16, int channels = 3, int bits = 12)
    {
        const int width = 8, features = 10;
        var model = new ModelBuilder(new Random(seed)).Input("image", OnnxElementType.UInt8, null, size, size, channels);
        model.Node("Cast", "pixels", ["image"], ("to", 1L));
        model.Node("Transpose", "planes", ["pixels"], ("perm", new long[] { 0, 3, 1, 2 }));
        model.Node("Sub", "centred", ["planes", model.Weights("mean", 5, 120, 1, channels, 1, 1)]);
        model.Node("Div", "normal", ["centred", model.Weights("deviation", 1, 60, 1, channels, 1, 1)]);
        ConvBlock(model, "first", "normal", channels, width, 1);
        ConvBlock(model, "second", "first", width, width, 1);
        model.Node("Add", "sum", ["second", "first"]);
        model.Node("Relu", "activated", ["sum"]);
        ConvBlock(model, "third", "activated", width, features, 2);
        model.Node("MaxPool", "pooled", ["third"],
            ("kernel_shape", new long[] { 3, 3 }), ("strides", new long[] { 2, 2 }), ("pads", new long[] { 1, 1, 1, 1 }));
        model.Node("AveragePool", "averaged", ["pooled"], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 1, 1 }));
        model.Node("GlobalAveragePool", "global", ["averaged"]);
        model.Node("Flatten", "features", ["global"]);
        model.Node("Gemm", "embedding",
            ["features", model.Weights("w", 0.4, 0, 7, features), model.Weights("b", 0.1, 0, 7)], ("transB", 1L));
        model.Ternary("embedding", "hash", 7, bits);
        Bits(model, bits);
        model.Output("embedding", OnnxElementType.Float, null, 7).Output("hash", OnnxElementType.Float, null, bits)
            .Output("code", OnnxElementType.UInt8, null, (bits + 7) / 8);
        return model.Metadata("tern.format", "1").Metadata("tern.bits", $"{bits}")
            .Metadata("tern.resize", "crop").Metadata("tern.network", "tiny");
    }

    /// <summary>Operators on shapes and integers rather than pixels, as exporters write them around a view.</summary>
    public static ModelBuilder Shapes()
    {
        var model = new ModelBuilder(new Random(1)).Input("x", OnnxElementType.Float, null, 3, 6, 5);
        model.Node("Pad", "padded", ["x", model.Integers("pads", 0, 0, 1, 1, 0, 0, 2, 0)], ("mode", "reflect"));
        model.Node("Slice", "sliced", ["padded",
            model.Integers("starts", -1, 0), model.Integers("ends", -9, 5), model.Integers("axes", 2, 3), model.Integers("steps", -2, 1)]);
        model.Node("Transpose", "turned", ["sliced"], ("perm", new long[] { 0, 2, 3, 1 }));
        model.Node("Shape", "shape", ["turned"]);
        model.Node("Gather", "batch", ["shape", model.Integers("first", 0)], ("axis", 0L));
        model.Node("Concat", "target", ["batch", model.Integers("rest", -1, 3)], ("axis", 0L));
        model.Node("Reshape", "viewed", ["turned", "target"]);
        model.Node("Unsqueeze", "wide", ["viewed", model.Integers("one", 1)]);
        model.Node("Expand", "repeated", ["wide", model.Integers("times", 1, 4, 1, 1)]);
        model.Node("ReduceMean", "mean", ["repeated"], ("axes", new long[] { -1 }), ("keepdims", 1L));
        model.Node("Sub", "centred", ["repeated", "mean"]);
        model.Node("Softmax", "soft", ["centred"], ("axis", 2L));
        model.Node("Greater", "above", ["soft", model.Floats("level", [0.1f])]);
        model.Node("Where", "chosen", ["above", "soft", "centred"]);
        model.Node("LpNormalization", "unit", ["chosen"], ("axis", -1L), ("p", 2L));
        model.Node("MatMul", "product", ["unit", model.Weights("w", 1, 0, 3, 5)]);
        model.Node("ReduceSum", "y", ["product", model.Integers("sum.axes", 1)], ("keepdims", 0L));
        return model.Output("y", OnnxElementType.Float, null, null, 5);
    }

    private static void ConvBlock(ModelBuilder model, string name, string input, int from, int to, long stride)
    {
        model.Node("Conv", $"{name}.conv", [input, model.Weights($"{name}.w", Math.Sqrt(2.0 / (9 * from)), 0, to, from, 3, 3)],
            ("kernel_shape", new long[] { 3, 3 }), ("pads", new long[] { 1, 1, 1, 1 }), ("strides", new long[] { stride, stride }));
        model.Node("BatchNormalization", $"{name}.bn", [$"{name}.conv", model.Weights($"{name}.scale", 0.1, 1, to),
            model.Weights($"{name}.shift", 0.1, 0, to),
            model.Weights($"{name}.mean", 0.1, 0, to), model.Weights($"{name}.var", 0.05, 1, to)]);
        model.Node("Relu", name, [$"{name}.bn"]);
    }

    /// <summary>Bits to bytes: eight of them times 1, 2, 4, ... 128, the last byte filled up with zeros by the matrix.</summary>
    private static void Bits(ModelBuilder model, int bits)
    {
        int bytes = (bits + 7) / 8;
        var weights = new float[bits * bytes];
        for (int bit = 0; bit < bits; bit++)
            weights[bit * bytes + bit / 8] = 1 << bit % 8;
        model.Node("Greater", "set", ["hash", model.Floats("nought", [0])]);
        model.Node("Cast", "ones", ["set"], ("to", 1L));
        model.Node("MatMul", "sums", ["ones", model.Floats("powers", weights, bits, bytes)]);
        model.Node("Cast", "code", ["sums"], ("to", 2L));
    }
}
