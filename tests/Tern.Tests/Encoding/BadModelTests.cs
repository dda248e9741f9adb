using Google.Protobuf;
using Tern.Encoding;
using Tern.Encoding.Onnx;

namespace Tern.Tests.Encoding;

public class BadModelTests
{
    private static readonly EncoderOptions Little = new(1, MemoryLimit: 64 << 20);

    [Fact]
    public void Missing_file_folder_empty_file_and_text_are_named()
    {
        string missing = Path.Combine(Path.GetTempPath(), "tern-no-such.onnx");
        Assert.Contains(missing, Refusal(missing));
        Assert.Contains("it is a folder", Refusal(Path.GetTempPath()));
        AssertRefused([], "the file is empty");
        AssertRefused("Dear model, this is a letter.\n"u8.ToArray(), "not an ONNX model");
    }

    [Fact]
    public void Truncated_file_is_refused_at_every_length()
    {
        byte[] whole = Models.Encoder().Seal();
        for (int length = 1; length < whole.Length; length += length < 600 ? 1 : 37)
        {
            using var file = new TemporaryModel(whole[..length]);
            Assert.Contains(file.Path, Refusal(file.Path));
        }
    }

    [Fact]
    public void Flipped_byte_is_refused_or_harmless() => Flip(Models.Encoder(), 1_000, ImageTest);

    [Fact]
    public void Flipped_byte_in_a_graph_of_shapes_is_refused_or_harmless() => Flip(Models.Shapes(), 1_000, ShapesTest);

    [Fact]
    public void Edited_file_does_not_pass_its_checksum()
    {
        byte[] whole = Models.Encoder().Seal();
        whole[^200] ^= 1;
        AssertRefused(whole, "");
        byte[] wrong = Models.Encoder().Metadata(ModelChecksum.Key, new string('a', 64)).Model.ToByteArray();
        AssertRefused(wrong, "the checksum does not match");
        AssertRefused(Models.Encoder().Metadata(ModelChecksum.Key, "abc").Model.ToByteArray(),
            "should be 64 hexadecimal digits; got 'abc'");
    }

    [Fact]
    public void Unknown_operator_is_named_with_its_node_and_what_there_is()
    {
        ModelBuilder model = Models.Encoder();
        model.Node("GridSample", "strange", ["pixels"]);
        AssertRefused(model, "node 'strange' (GridSample): this operator is not supported. Supported are Abs, Add, And,");
    }

    [Fact]
    public void Unknown_attribute_is_refused_before_it_changes_the_meaning() =>
        AssertRefused(With(model =>
        model.Model.Graph.Node.First(node => node.OpType == "Relu").Attribute.Add(new AttributeProto { Name = "surprise", I = 1 })),
            "the attribute surprise is not understood here");

    [Theory]
    [InlineData("", 6)]
    [InlineData("", 18)]
    [InlineData("ai.tern", 2)]
    public void Unknown_operator_set_is_refused(string domain, long version) => AssertRefused(With(model =>
    {
        OperatorSetIdProto opset = model.Model.OpsetImport.Single(opset => opset.Domain == domain);
        opset.Version = version;
    }), $"operator set '{domain}' version {version}; Tern runs");

    [Fact]
    public void External_data_is_refused() => AssertRefused(With(model =>
        model.Model.Graph.Initializer[0].DataLocation = TensorProto.Types.DataLocation.External), "keeps its data in another file");

    [Fact]
    public void Half_precision_is_refused() => AssertRefused(With(model => model.Model.Graph.Initializer[0].DataType = 10), "Float16 (10)");

    [Fact]
    public void Tensor_that_claims_more_than_it_holds_is_refused_before_memory_is_asked_for() => AssertRefused(With(model =>
    {
        TensorProto tensor = model.Model.Graph.Initializer[0];
        tensor.Dims.Clear();
        tensor.Dims.Add([1L << 30, 1L << 30, 1L << 30]);
    }), "has shape [1073741824, 1073741824, 1073741824] (Float) but holds");

    [Fact]
    public void Nodes_out_of_order_are_refused() => AssertRefused(With(model =>
    {
        NodeProto first = model.Model.Graph.Node[0];
        model.Model.Graph.Node.RemoveAt(0);
        model.Model.Graph.Node.Add(first);
    }), "its input 'pixels' is not computed before it");

    [Fact]
    public void Value_defined_twice_is_refused() =>
        AssertRefused(With(model => model.Node("Relu", "normal", ["centred"])), "the value 'normal' is defined twice");

    [Fact]
    public void Function_that_calls_itself_is_refused() => AssertRefused(With(model =>
    {
        var loop = new FunctionProto { Name = "Loop", Domain = "ours", Input = { "x" }, Output = { "y" } };
        loop.Node.Add(new NodeProto { OpType = "Loop", Domain = "ours", Input = { "x" }, Output = { "y" } });
        model.Model.Functions.Add(loop);
        model.Model.OpsetImport.Add(new OperatorSetIdProto { Domain = "ours", Version = 1 });
        model.Node("Loop", "endless", ["normal"]);
        model.Model.Graph.Node[^1].Domain = "ours";
    }), "functions call each other more than 16 deep");

    [Fact]
    public void Constant_of_absurd_shape_is_refused() => AssertRefused(With(model =>
        model.Node("ConstantOfShape", "huge", [model.Integers("dims", 1 << 20, 1 << 20)])), "more than the memory limit");

    [Fact]
    public void Wrong_input_names_what_was_wanted()
    {
        using TemporaryModel file = Models.Encoder().Save();
        OnnxSession session = OnnxSession.Open(file.Path);
        string Run(string name, OnnxTensor tensor) => Assert.Throws<TernException>(() =>
            session.Run(new Dictionary<string, OnnxTensor> { [name] = tensor })).Message;
        Assert.Contains("'image' should be UInt8 [?, 16, 16, 3]; got UInt8 [1, 3, 16, 16]",
            Run("image", OnnxTensor.Create<byte>(new byte[768], 1, 3, 16, 16)));
        Assert.Contains("no input 'picture'; it has image", Run("picture", OnnxTensor.Create<byte>(new byte[768], 1, 16, 16, 3)));
        Assert.Contains("'image' (UInt8 [?, 16, 16, 3]) is missing", Assert.Throws<TernException>(() =>
            session.Run(new Dictionary<string, OnnxTensor>())).Message);
    }

    private static void Flip(ModelBuilder model, int times, Action<string> run)
    {
        byte[] whole = model.Model.ToByteArray();
        var random = new Random(42);
        int refused = 0;
        for (int i = 0; i < times; i++)
        {
            byte[] damaged = [.. whole];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            using var file = new TemporaryModel(damaged);
            try
            {
                run(file.Path);
            }
            catch (TernException fault)
            {
                refused++;
                Assert.True(fault.Message.Length > 20, fault.Message);
            }
        }
        Assert.InRange(refused, 1, times - 1);
    }

    private static void ImageTest(string path)
    {
        ImageEncoder encoder = ImageEncoder.Open(path, Little);
        if (encoder.Width * encoder.Height > 1 << 16)
            return;
        EncodedBatch batch = encoder.Encode(new byte[encoder.Width * encoder.Height * encoder.Channels], 1);
        Assert.Equal((encoder.Bits, encoder.EmbeddingSize), (batch.Hash.Length, batch.Embedding.Length));
    }

    private static void ShapesTest(string path)
    {
        OnnxSession session = OnnxSession.Open(path, Little);
        OnnxTensor x = OnnxTensor.Create<float>(new float[2 * 3 * 6 * 5], 2, 3, 6, 5);
        session.Run(new Dictionary<string, OnnxTensor> { ["x"] = x });
    }

    private static ModelBuilder With(Action<ModelBuilder> change)
    {
        ModelBuilder model = Models.Encoder();
        change(model);
        return model;
    }

    private static void AssertRefused(ModelBuilder model, string because) => AssertRefused(model.Model.ToByteArray(), because);

    private static void AssertRefused(byte[] content, string because)
    {
        using var file = new TemporaryModel(content);
        string message = Refusal(file.Path);
        Assert.StartsWith(file.Path, message);
        Assert.Contains(because, message);
    }

    private static string Refusal(string path) => Assert.Throws<TernException>(() => ImageEncoder.Open(path, Little)).Message;
}
