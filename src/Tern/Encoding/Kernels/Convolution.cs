using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>
/// Conv over images: each group is one matrix product, weights [M/g, C/g*kh*kw] times the windows of all output pixels of all images,
/// which are read where they lie if they can be, else gathered panel by panel. Depthwise convolution has its own loop.
/// </summary>
internal sealed unsafe class Convolution
{
    // Panels readied before the weights are walked: few enough for the second-level cache, many enough to reuse a weight panel.
    private const int BlockFloats = 48 * 1024;
    private const int MostPanels = 64;
    private readonly Node node;
    private readonly Window window;
    private readonly int groups;
    private readonly int[] weightShape;
    private readonly Storage packed;
    private readonly OnnxTensor bias;

    private Convolution(Node node, OnnxTensor weights, OnnxTensor? bias)
    {
        this.node = node;
        if (weights.ElementType != OnnxElementType.Float || weights.Rank != 4)
            throw node.Fault(
                $"weights of {weights.ElementType} {Shapes.Text(weights.Shape)}; Float [M, C/group, height, width] was expected");
        weightShape = weights.Shape.ToArray();
        window = new Window(node, weightShape[2..]);
        long group = node.Integer("group", 1);
        if (group < 1 || weightShape[0] % group != 0 || window.Kernel != (weightShape[2], weightShape[3]) || weights.Length == 0)
            throw node.Fault($"weights {Shapes.Text(weightShape)} do not fit group {group} and kernel_shape {window.Kernel}");
        groups = (int)group;
        this.bias = bias ?? Zeros(weightShape[0]);
        if (this.bias.ElementType != OnnxElementType.Float || this.bias.Length != weightShape[0])
            throw node.Fault($"a bias {Shapes.Text(this.bias.Shape)} for {weightShape[0]} output channels");
        packed = Pack(weights);
    }

    private int OutputsPerGroup => weightShape[0] / groups;

    private int Depth => weightShape[1] * weightShape[2] * weightShape[3];

    private bool Depthwise => weightShape[1] == 1 && OutputsPerGroup == 1;

    public static Kernel Build(Node node)
    {
        if (node.Constant(1) is { } weights && (!node.HasInput(2) || node.Constant(2) is not null))
            return new Convolution(node, weights, node.Constant(2)).Run;

        // Weights that are computed are packed at every run; the attributes are still checked now.
        _ = (new Window(node, [1, 1]), node.Integer("group", 1));
        return call =>
        {
            call.RequireFloat(1, 2);
            return new Convolution(node, call[1], call.Optional(2)).Run(call);
        };
    }

    private OnnxTensor[] Run(Call call)
    {
        OnnxTensor images = call[0];
        call.RequireFloat(0);
        if (images.Rank != 4 || images.Shape[1] != weightShape[1] * (long)groups)
            throw call.Fault($"input {Shapes.Text(images.Shape)} and weights {Shapes.Text(weightShape)} in {groups} group(s); "
                + $"images [N, {weightShape[1] * (long)groups}, H, W] were expected");
        var output = window.Over(images.Shape[2], images.Shape[3]);
        OnnxTensor result = call.New(OnnxElementType.Float, images.Shape[0], weightShape[0], output.Height, output.Width);
        if (result.Length == 0)
            return [result];
        PaddedPlanes planes = PaddedPlanes.Of(call, images, window, output);
        if (Depthwise)
            DepthwiseConvolution.Run(planes, window, (float*)packed.Address, bias.Floats, node.Clamp, result);
        else
            Multiply(call, planes, result);
        GC.KeepAlive(this);
        return [result];
    }

    private void Multiply(Call call, PaddedPlanes planes, OnnxTensor result)
    {
        var columns = new WindowColumns(planes, window, weightShape, groups, result.Shape);
        long panelLength = (long)Depth * Tile.Columns;
        int block = (int)Math.Clamp(BlockFloats / panelLength, 1, Math.Min(MostPanels, columns.PanelCount));
        float* gathered = columns.InPlace ? null : call.Scratch(block * panelLength);
        nint* rows = (nint*)call.Scratch((long)Depth * sizeof(nint) / sizeof(float));
        columns.FindRows(rows);
        for (int group = 0; group < groups; group++)
        {
            for (int first = 0; first < columns.PanelCount; first += block)
                MultiplyBlock(columns, group, first, Math.Min(block, columns.PanelCount - first), gathered, rows, result);
        }
    }

    private void MultiplyBlock(in WindowColumns columns, int group, int first, int count, float* gathered, nint* rows, OnnxTensor result)
    {
        RightPanel* panels = stackalloc RightPanel[MostPanels];
        for (int i = 0; i < count; i++)
            panels[i] = columns.Panel(group, first + i, gathered + i * (nint)Depth * Tile.Columns);

        float* tile = stackalloc float[Tile.Rows * Tile.MostColumns];
        int outputs = OutputsPerGroup, pixels = result.Shape[2] * result.Shape[3];
        float* left = (float*)packed.Address + group * (nint)Panels.LeftLength(outputs, Depth);
        for (int row = 0; row < outputs; row += Tile.Rows, left += (nint)Tile.Rows * Depth)
        {
            for (int i = 0; i < count; i++)
            {
                Tile.Multiply(Depth, left, panels[i].First, rows, tile);
                Store(tile, columns, panels[i], result.Floats, pixels, group * outputs + row, Math.Min(Tile.Rows, outputs - row));
            }
        }
    }

    /// <summary>Stores the columns of a tile that are output pixels: those between two lines are not, and images lie apart.</summary>
    private void Store(float* tile, in WindowColumns columns, RightPanel panel, float* result, int pixels, int channel, int rows)
    {
        (int image, int line, int column) = (panel.Image, panel.Line, panel.Column);
        for (int done = 0; done < panel.Count; column = 0)
        {
            int run = Math.Min(panel.Count - done, columns.LinePitch - column), useful = Math.Min(run, columns.LineLength - column);
            float* target = result + (nint)image * weightShape[0] * pixels;
            if (useful > 0)
                new TileStore(target, pixels, bias.Floats, 1, 0, node.Clamp)
                    .Store(tile + done, channel, line * columns.LineLength + column, rows, useful);
            done += run;
            if (++line == columns.Lines)
                (image, line) = (image + 1, 0);
        }
    }

    private Storage Pack(OnnxTensor weights)
    {
        if (Depthwise)
            return weights.Storage;
        long length = Panels.LeftLength(OutputsPerGroup, Depth);
        var storage = new Storage(length * groups * sizeof(float));
        for (int group = 0; group < groups; group++)
        {
            Panels.PackLeft(weights.Floats + (nint)group * OutputsPerGroup * Depth, Depth, 1, OutputsPerGroup, Depth,
                (float*)storage.Address + group * (nint)length);
        }
        return storage;
    }

    private static OnnxTensor Zeros(int count)
    {
        OnnxTensor zeros = OnnxTensor.Allocate(OnnxElementType.Float, [count]);
        zeros.Span<float>().Clear();
        return zeros;
    }
}
