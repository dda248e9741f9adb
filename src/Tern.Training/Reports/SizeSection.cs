using Tern.Training.Export;

namespace Tern.Training.Reports;

/// <summary>What each network costs on disk: as floats, with packed weights, and compressed; then its quantised layers alone.</summary>
internal static class SizeSection
{
    public static Html Render(IReadOnlyList<Stage> stages)
    {
        Stage[] measured = [.. stages.Where(stage => stage.Network.Size is not null)];
        if (measured.Length == 0) return Html.Of($"""<p class="note">No size has been measured yet.</p>""");
        return Html.Of($"""
            <div class="scroll"><table class="sizes"><thead><tr><th scope="col">Stage</th><th scope="col">Weights as floats</th><th scope="col">Packed</th>
            <th scope="col">Compressed</th><th scope="col">Times smaller</th></tr></thead><tbody>
            {measured.Select(stage => Network(stage, stage.Network.Size!))}</tbody></table></div>
            <p class="note">Whole model files: with every weight as float32, as model.onnx, and as model.onnx.br, the same file under Brotli. Times smaller: packed,
            then compressed, against floats.</p>
            {measured.Where(stage => stage.Network.Size!.Layers.Count > 0).Select(stage => Layers(stage, stage.Network.Size!.Layers))}
            """);
    }

    private static Html Network(Stage stage, ModelSize size) => Html.Of($"""
        <tr class="{stage.Colour}"><th scope="row"><i class="dot"></i>{stage.Title}</th><td>{NumberText.Bytes(size.FloatBytes)}</td>
        <td>{NumberText.Bytes(size.PackedBytes)}</td><td>{NumberText.Bytes(size.CompressedBytes)}</td>
        <td>{NumberText.Factor(size.FloatBytes, size.PackedBytes)}×, {NumberText.Factor(size.FloatBytes, size.CompressedBytes)}×</td></tr>

        """);

    private static Html Layers(Stage stage, IReadOnlyList<LayerSize> layers) => Html.Of($"""
        <h3 class="{stage.Colour}"><i class="dot"></i>{stage.Title}, quantised layers</h3>
        <div class="scroll"><table class="sizes"><thead><tr><th scope="col">Layer</th><th scope="col">Weights</th><th scope="col">As floats</th><th scope="col">Packed</th>
        <th scope="col">Compressed</th><th scope="col">Times smaller</th><th scope="col">Zeros</th><th scope="col">Bits a weight: packed, compressed, entropy</th></tr></thead><tbody>
        {layers.Append(Sum(layers)).Select(Layer)}</tbody></table></div>
        <p class="note">The weights alone. No code that looks at one weight at a time can take fewer bits than the entropy of its levels.</p>

        """);

    private static Html Layer(LayerSize layer) => Html.Of($"""
        <tr><th scope="row">{layer.Name}</th><td>{NumberText.Count(layer.Weights)}</td><td>{NumberText.Bytes(layer.FloatBytes)}</td>
        <td>{NumberText.Bytes(layer.PackedBytes)}</td><td>{NumberText.Bytes(layer.CompressedBytes)}</td>
        <td>{NumberText.Factor(layer.FloatBytes, layer.PackedBytes)}×, {NumberText.Factor(layer.FloatBytes, layer.CompressedBytes)}×</td>
        <td>{NumberText.Score(layer.ZeroRatio)}</td>
        <td>{NumberText.Significant(8.0 * layer.PackedBytes / layer.Weights)}, {NumberText.Significant(8.0 * layer.CompressedBytes / layer.Weights)}, {NumberText.Significant(layer.Entropy)}</td></tr>

        """);

    private static LayerSize Sum(IReadOnlyList<LayerSize> layers)
    {
        long weights = layers.Sum(layer => layer.Weights);
        return new LayerSize(
            "together", 0, weights, layers.Sum(layer => layer.FloatBytes), layers.Sum(layer => layer.PackedBytes), layers.Sum(layer => layer.CompressedBytes),
            layers.Sum(layer => layer.ZeroRatio * layer.Weights) / weights, layers.Sum(layer => layer.Entropy * layer.Weights) / weights);
    }
}
