using System.Text.Json;
using System.Text.Json.Serialization;
using Tern.Encoding;
using Tern.Encoding.Onnx;
using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Data;
using Tern.Training.Models;
using Tern.Training.Quantization;

namespace Tern.Training.Export;

/// <summary>What the weight of a quantised layer costs, without its scales and bias.</summary>
/// <param name="Name">The layer's dotted name.</param>
/// <param name="Bits">Bits a weight takes when packed.</param>
/// <param name="Weights">How many there are.</param>
/// <param name="FloatBytes">As float32.</param>
/// <param name="PackedBytes">As the model file holds them.</param>
/// <param name="CompressedBytes">The packed bytes alone under Brotli, quality 11.</param>
/// <param name="ZeroRatio">Share of the weights that are 0.</param>
/// <param name="Entropy">
/// Bits a weight, the least that a code without context can reach: -sum p log2 p over the shares p of the levels. For ternary weights of a zero ratio z it is at
/// most H(z) = -z log2 z - (1 - z) log2((1 - z) / 2), and H(z) itself where as many are positive as negative.
/// </param>
public sealed record LayerSize(string Name, int Bits, long Weights, long FloatBytes, long PackedBytes, long CompressedBytes, double ZeroRatio, double Entropy)
{
    internal static LayerSize Of(string name, WeightedLayer layer)
    {
        var packed = new PackedLayer(name, layer);
        byte[] levels = packed.Levels.Levels;
        var counts = new long[256];
        foreach (byte level in levels) counts[level]++;
        double Share(long count) => (double)count / levels.Length;
        return new LayerSize(name, packed.Levels.Bits, levels.Length, sizeof(float) * (long)levels.Length, packed.Bytes.Length, CompressedModel.Compress(packed.Bytes).Length,
            packed.Levels.Zero is { } zero ? Share(counts[zero]) : 0, counts.Where(count => count > 0).Sum(count => -Share(count) * Math.Log2(Share(count))));
    }
}

/// <summary>What a model costs on disk: sizes.json of a run.</summary>
/// <param name="FloatBytes">The ONNX file with every weight as float32.</param>
/// <param name="PackedBytes">model.onnx, quantised weights packed; the same where nothing is quantised.</param>
/// <param name="CompressedBytes">model.onnx.br, that file under Brotli.</param>
/// <param name="Layers">The quantised layers alone.</param>
public sealed record ModelSize(long FloatBytes, long PackedBytes, long CompressedBytes, IReadOnlyList<LayerSize> Layers)
{
    /// <summary>The sizes of an exported network.</summary>
    /// <param name="network">As it was exported.</param>
    /// <param name="data">What its pictures are like.</param>
    /// <param name="model">model.onnx.</param>
    /// <param name="compressed">model.onnx.br.</param>
    public static ModelSize Of(HashingNetwork network, DataSpec data, ReadOnlySpan<byte> model, ReadOnlySpan<byte> compressed)
    {
        using var scope = new TensorScope();
        ModelProto proto = ModelProto.Parser.ParseFrom(model);
        HashSet<string> held = [.. proto.Graph.Initializer.Select(tensor => tensor.Name)];                 // the classifier is not
        LayerSize[] layers =
        [
            .. WeightedLayers.Of(network).Where(layer => layer.Value.Parametrization is QuantizedWeight && held.Contains(PackedLayer.PackedName(layer.Key)))
                .Select(layer => LayerSize.Of(layer.Key, layer.Value)),
        ];
        Dictionary<string, string> facts = proto.MetadataProps.ToDictionary(entry => entry.Key, entry => entry.Value);
        var lineage = new Lineage(facts["tern.network"], facts["tern.recipe"], facts["tern.data"], facts["tern.teacher"]) { People = facts.GetValueOrDefault(KnownPeople.Key) };
        int floats = layers.Length == 0 ? model.Length : OnnxExporter.Export(network, data, lineage, asFloats: true).Length;
        return new ModelSize(floats, model.Length, compressed.Length, layers);
    }

    /// <summary>Reads <see cref="ToJson"/> back.</summary>
    public static ModelSize FromJson(string json) => JsonSerializer.Deserialize(json, ModelSizeJson.Default.ModelSize)!;

    /// <summary>As sizes.json holds it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ModelSizeJson.Default.ModelSize) + "\n";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ModelSize))]
internal sealed partial class ModelSizeJson : JsonSerializerContext;
