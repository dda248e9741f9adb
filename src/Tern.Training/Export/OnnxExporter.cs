using Google.Protobuf;
using Tern.Encoding;
using Tern.Encoding.Onnx;
using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Data;
using Tern.Training.Models;
using static Tern.Training.Export.OnnxGraph;
using DataType = Tern.Encoding.Onnx.TensorProto.Types.DataType;

namespace Tern.Training.Export;

/// <summary>Where a model comes from, written into its file.</summary>
public sealed record Lineage(string Network, string Recipe, string Data, string Teacher)
{
    /// <summary>Whom the weights have learned from, as <see cref="KnownPeople"/> writes it; null where nobody has said.</summary>
    public string? People { get; init; }
}

/// <summary>
/// Writes a network as an ONNX file any runtime opens: a uint8 picture in, normalisation inside, embedding, hash and code out. The network is run
/// once on a black picture and what it calls is written down, so that every network whose operators are known can be exported. docs/formats.md.
/// </summary>
public static class OnnxExporter
{
    internal const int Opset = 17, IrVersion = 8;

    /// <summary>The file's bytes.</summary>
    /// <param name="asFloats">Write quantised weights as float32 too, for comparison.</param>
    public static byte[] Export(HashingNetwork network, DataSpec data, Lineage lineage, bool asFloats = false)
    {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        network.Train(false);
        var graph = new OnnxGraph();
        var operators = new TracedOperators(graph, network, asFloats);
        ImageShape shape = data.Shape;

        Tensor example = Tensor.Zeros([1, shape.Channels, shape.Height, shape.Width]);
        using (var trace = new OperatorTrace())
        {
            NetworkOutput output = network.Run(example);
            trace.Stop();
            operators.Bind(example, Normalize(graph, data));
            foreach (TracedCall call in trace.Calls) operators.Write(call);
            string hash = operators.Name(output.Hash);
            string code = PackCode(graph, hash, network.Bits);
            graph.Input("image", DataType.Uint8, null, shape.Height, shape.Width, shape.Channels);
            graph.Output("embedding", operators.Name(output.Embedding), DataType.Float, null, output.Embedding.Shape[1]);
            graph.Output("hash", hash, DataType.Float, null, network.Bits);
            graph.Output("code", code, DataType.Uint8, null, (network.Bits + 7) / 8);
        }
        return Serialize(graph.Finish(), network.Bits, data, lineage);
    }

    /// <summary>uint8 [N, H, W, C] to float [N, C, H, W], (x / 255 - mean) / deviation.</summary>
    private static string Normalize(OnnxGraph graph, DataSpec data)
    {
        float[] mean = Array.ConvertAll(data.Mean, value => (float)(value * 255)), scale = Array.ConvertAll(data.Deviation, value => (float)(1 / (value * 255)));
        string pixels = graph.Add("Cast", ["image"], Int("to", (long)DataType.Float));
        string planes = graph.Add("Transpose", [pixels], Ints("perm", 0, 3, 1, 2));
        string centred = graph.Add("Sub", [planes, graph.Constant<float>("tern.mean", mean, 1, data.Channels, 1, 1)]);
        return graph.Add("Mul", [centred, graph.Constant<float>("tern.scale", scale, 1, data.Channels, 1, 1)]);
    }

    /// <summary>Bit i of a code is bit i % 8 of byte i / 8, set where hash &gt; 0: the sum of powers of two that a matrix [K, bytes] makes.</summary>
    private static string PackCode(OnnxGraph graph, string hash, int bits)
    {
        int bytes = (bits + 7) / 8;
        var powers = new float[bits * bytes];
        for (int i = 0; i < bits; i++) powers[i * bytes + i / 8] = 1 << (i % 8);
        string set = graph.Add("Cast", [graph.Add("Greater", [hash, graph.Constant<float>("tern.zero", [0])])], Int("to", (long)DataType.Float));
        string packed = graph.Add("MatMul", [set, graph.Constant<float>("tern.powers", powers, bits, bytes)]);
        return graph.Add("Cast", [packed], Int("to", (long)DataType.Uint8));
    }

    private static byte[] Serialize(GraphProto graph, int bits, DataSpec data, Lineage lineage)
    {
        var model = new ModelProto { IrVersion = IrVersion, ProducerName = "tern", ProducerVersion = typeof(OnnxExporter).Assembly.GetName().Version!.ToString(3), Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        string[] functions = [.. graph.Node.Where(node => node.Domain == PackedFunctions.Domain).Select(node => node.OpType).Distinct()];
        if (functions.Length > 0) model.OpsetImport.Add(new OperatorSetIdProto { Domain = PackedFunctions.Domain, Version = 1 });
        model.Functions.AddRange(functions.Select(PackedFunctions.Definition));
        foreach ((string key, string? value) in new (string, string?)[]
        {
            ("tern.format", "1"), ("tern.bits", $"{bits}"), ("tern.resize", data.Resize.ToString().ToLowerInvariant()), ("tern.network", lineage.Network),
            ("tern.recipe", lineage.Recipe), ("tern.data", lineage.Data), ("tern.teacher", lineage.Teacher), (KnownPeople.Key, lineage.People), (ModelChecksum.Key, ModelChecksum.Placeholder),
        })
            if (value is not null) model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        byte[] file = model.ToByteArray();
        ModelChecksum.Seal(file);
        return file;
    }
}
