using Tern.Torch.Modules;
using Tern.Training.Quantization;
using static Tern.Training.Export.OnnxGraph;

namespace Tern.Training.Export;

/// <summary>A quantised layer as a model file holds it: its weight as levels of 1, 2 or 8 bits, and what turns them into numbers again.</summary>
internal sealed class PackedLayer
{
    private readonly string name;
    private readonly WeightedLayer layer;
    private readonly QuantizedLevels levels;

    public PackedLayer(string name, WeightedLayer layer)
    {
        (this.name, this.layer) = (name, layer);
        levels = ((QuantizedWeight)layer.Parametrization!).Levels(layer.Weight);
        Bytes = PackedFunctions.Pack(levels.Levels, levels.Bits, Rows, Columns, levels.Zero ?? 0);
    }

    /// <summary>[Rows, ...] bytes.</summary>
    public byte[] Bytes { get; }

    /// <summary>The level of each weight.</summary>
    public QuantizedLevels Levels => levels;

    private int Rows => (int)layer.Weight.Shape[0];

    private int Columns => (int)(layer.Weight.Elements / Rows);

    /// <summary>Whether the layer as a whole has a function of its own, <see cref="PackedFunctions.TernaryLinear"/>.</summary>
    public bool IsTernaryLinear => layer is Linear && levels.Bits == 2;

    /// <summary>The name its packed weight has in the file.</summary>
    public static string PackedName(string layer) => $"{layer}.packed";

    /// <summary>Writes the nodes that give the weight as floats.</summary>
    public string WriteWeight(OnnxGraph graph) => levels.Bits == 8
        ? graph.Add("DequantizeLinear",
            [
                graph.Constant<byte>(PackedName(name), Bytes, layer.Weight.Shape),
                graph.Constant<float>($"{name}.scales", levels.Scales, Rows),
                graph.Constant<byte>($"{name}.zeros", Enumerable.Repeat((byte)levels.Zero!.Value, Rows).ToArray(), Rows),
            ], Int("axis", 0))
        : graph.Add(levels.Bits == 2 ? PackedFunctions.TernaryWeight : PackedFunctions.BinaryWeight, PackedFunctions.Domain,
            [Packed(graph), Scales(graph), ColumnCount(graph), graph.Constant<long>($"{name}.shape", layer.Weight.Shape, layer.Weight.Shape.Length)]);

    /// <summary>Writes a ternary fully connected layer as one node.</summary>
    public string WriteLinear(OnnxGraph graph, string input)
    {
        float[] bias = layer.Bias?.ToArray<float>() ?? new float[Rows];
        return graph.Add(PackedFunctions.TernaryLinear, PackedFunctions.Domain,
            [input, Packed(graph), Scales(graph), graph.Constant<float>($"{name}.bias", bias, Rows), ColumnCount(graph)]);
    }

    private string Packed(OnnxGraph graph) => graph.Constant<byte>(PackedName(name), Bytes, Rows, Bytes.Length / Rows);

    private string Scales(OnnxGraph graph) => graph.Constant<float>($"{name}.scales", levels.Scales, levels.Scales.Length);

    private string ColumnCount(OnnxGraph graph) => graph.Constant<long>($"{name}.columns", [Columns], 1);
}
