using Tern.Encoding;

namespace Tern.Tests.Encoding;

public class TernaryLinearTests
{
    [Theory]
    [InlineData(1, 4, 4)]
    [InlineData(3, 7, 5)]
    [InlineData(1, 1, 1)]
    [InlineData(9, 130, 33)]
    [InlineData(20, 63, 100)]
    [InlineData(0, 8, 8)]
    public void Packed_layer_computes_what_its_trits_say(int rows, int inputs, int outputs)
    {
        (ModelBuilder model, int[] trits, float[] scales, float[] bias) = Layer(inputs, outputs);
        using TemporaryModel file = model.Save();
        float[] x = RandomFloats(rows * inputs);
        float[] y = Run(file, x, rows, inputs, inline: false);

        for (int row = 0; row < rows; row++)
        {
            for (int output = 0; output < outputs; output++)
            {
                double expected = bias[output];
                for (int input = 0; input < inputs; input++)
                    expected += (double)x[row * inputs + input] * scales[trits[output * inputs + input]];
                Assert.Equal(expected, y[row * outputs + output], 1e-4);
            }
        }
    }

    [Theory]
    [InlineData(5, 30, 17)]
    [InlineData(2, 64, 64)]
    public void Packed_layer_agrees_with_its_function_body(int rows, int inputs, int outputs)
    {
        using TemporaryModel file = Layer(inputs, outputs).Model.Save();
        float[] x = RandomFloats(rows * inputs);
        float[] packed = Run(file, x, rows, inputs, inline: false), body = Run(file, x, rows, inputs, inline: true);
        for (int i = 0; i < packed.Length; i++)
            Assert.Equal(body[i], packed[i], 1e-5);
    }

    [SkippableTheory]
    [InlineData(4, 30, 17)]
    [InlineData(1, 1024, 500)]
    public void Packed_layer_agrees_with_onnxruntime(int rows, int inputs, int outputs)
    {
        Skip.If(Judge.Absent is not null, Judge.Absent);
        using TemporaryModel file = Layer(inputs, outputs).Model.Save();
        float[] x = RandomFloats(rows * inputs);
        float[] packed = Run(file, x, rows, inputs, inline: false);
        OnnxTensor judged =
            Judge.Run(file.Path, new Dictionary<string, OnnxTensor> { ["x"] = OnnxTensor.Create<float>(x, rows, inputs) })["y"];
        Assert.Equal([rows, outputs], judged.Shape.ToArray());
        for (int i = 0; i < packed.Length; i++)
            Assert.Equal(judged.Values<float>()[i], packed[i], 1e-4);
    }

    [Fact]
    public void Weight_that_is_no_trit_is_refused()
    {
        ModelBuilder model = Layer(8, 2).Model;
        int packed = model.Model.Graph.Initializer.ToList().FindIndex(tensor => tensor.Name == "y.packed");
        byte[] bytes = model.Model.Graph.Initializer[packed].RawData.ToByteArray();
        bytes[3] |= 0b11_00; // Row 1, column 5.
        model.Model.Graph.Initializer[packed].RawData = Google.Protobuf.ByteString.CopyFrom(bytes);
        using TemporaryModel file = model.Save();
        var fault = Assert.Throws<TernException>(() => OnnxSession.Open(file.Path));
        Assert.Contains("output 1 and input 5 is 3", fault.Message);
    }

    private static (ModelBuilder Model, int[] Trits, float[] Scales, float[] Bias) Layer(int inputs, int outputs)
    {
        ModelBuilder model = new ModelBuilder(new Random(inputs)).Input("x", OnnxElementType.Float, null, inputs);
        (int[] trits, float[] scales, float[] bias) = model.Ternary("x", "y", inputs, outputs);
        return (model.Output("y", OnnxElementType.Float, null, outputs), trits, scales, bias);
    }

    private static float[] Run(TemporaryModel file, float[] x, int rows, int inputs, bool inline)
    {
        OnnxSession session = OnnxSession.Open(file.Path, new EncoderOptions { InlineTernary = inline });
        return session.Run(new Dictionary<string, OnnxTensor> { ["x"] = OnnxTensor.Create<float>(x, rows, inputs) })["y"]
            .Values<float>().ToArray();
    }

    private static float[] RandomFloats(int count)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }
}
