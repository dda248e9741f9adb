using Tern.Encoding.Onnx;
using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Quantization;
using static Tern.Training.Export.OnnxGraph;

namespace Tern.Training.Export;

/// <summary>
/// Turns the operators of a traced run into ONNX nodes. One line of <see cref="Writers"/> per operator; to export a new one, add its line.
/// </summary>
internal sealed class TracedOperators
{
    private static readonly Dictionary<string, Func<TracedOperators, TracedCall, string>> Writers = new()
    {
        ["aten::conv2d"] = (t, call) => t.Convolution(call),
        ["aten::linear"] = (t, call) => t.FullyConnected(call),
        [QuantizedWeight.Operation] = (t, call) => t.Quantized(call),
        ["aten::batch_norm"] = (t, call) => t.graph.Add("BatchNormalization", t.Tensors(Only(call, 5, 0), 0, 1, 2, 3, 4), Float("epsilon", call.Arguments[7].Number)),
        ["aten::relu"] = (t, call) => t.graph.Add("Relu", t.Tensors(call, 0)),
        ["aten::relu_"] = (t, call) => t.graph.Add("Relu", t.Tensors(call, 0)),
        ["tern::relu6"] = (t, call) => t.graph.Add("Clip", [t.Name(call.Arguments[0]), t.Scalar(0), t.Scalar(6)]),
        ["aten::prelu"] = (t, call) => t.graph.Add("PRelu", [t.Name(call.Arguments[0]), t.Slopes(call.Arguments[1])]),
        ["aten::clamp"] = (t, call) => t.graph.Add("Clip", [t.Name(call.Arguments[0]), t.Scalar(call.Arguments[1].Number), t.Scalar(call.Arguments[2].Number)]),
        ["aten::sigmoid"] = (t, call) => t.graph.Add("Sigmoid", t.Tensors(call, 0)),
        ["aten::max_pool2d"] = (t, call) => t.graph.Add("MaxPool", t.Tensors(Only(call, 4, 1), 0), Pool(call, ceiling: 5)),
        ["aten::avg_pool2d"] = (t, call) => t.graph.Add("AveragePool", t.Tensors(call, 0), [.. Pool(call, ceiling: 4), CountPadding(call)]),
        ["aten::adaptive_avg_pool2d"] = (t, call) => t.graph.Add("GlobalAveragePool", t.Tensors(Only(call, 1, 1), 0)),
        ["aten::flatten.using_ints"] = (t, call) => t.graph.Add("Flatten", t.Tensors(Only(call, 2, -1), 0), Int("axis", (long)call.Arguments[1].Number)),
        ["aten::reshape"] = (t, call) => t.Reshape(call),
        ["aten::permute"] = (t, call) => t.graph.Add("Transpose", t.Tensors(call, 0), Ints("perm", call.Arguments[1].Integers!)),
        ["aten::narrow"] = (t, call) => t.Slice(call),
        ["aten::cat"] = (t, call) => t.graph.Add("Concat", [.. call.Arguments[0].Tensors!.Select(tensor => t.Name(tensor))], Int("axis", (long)call.Arguments[1].Number)),
        ["aten::constant_pad_nd"] = (t, call) => t.Pad(Only(call, 2, 0)),
        ["aten::flip"] = (t, call) => t.Flipped(call),
        ["aten::add.Tensor"] = (t, call) => t.graph.Add("Add", t.Tensors(Only(call, 2, 1), 0, 1)),
        ["aten::add_.Tensor"] = (t, call) => t.graph.Add("Add", t.Tensors(Only(call, 2, 1), 0, 1)),
        ["aten::mul.Tensor"] = (t, call) => t.graph.Add("Mul", t.Tensors(call, 0, 1)),
        ["aten::div.Tensor"] = (t, call) => t.graph.Add("Div", t.Tensors(call, 0, 1)),
        ["aten::add.Scalar"] = (t, call) => t.graph.Add("Add", [t.Name(Only(call, 2, 1).Arguments[0]), t.Scalar(call.Arguments[1].Number)]),
        ["aten::mul.Scalar"] = (t, call) => t.graph.Add("Mul", [t.Name(call.Arguments[0]), t.Scalar(call.Arguments[1].Number)]),
        ["aten::pow.Tensor_Tensor"] = (t, call) => t.graph.Add("Pow", t.Tensors(call, 0, 1)),
        ["aten::reciprocal"] = (t, call) => t.graph.Add("Div", [t.Scalar(1), t.Name(call.Arguments[0])]),
        ["aten::detach"] = (t, call) => t.Name(call.Arguments[0]),
        ["aten::clamp_min"] = (t, call) => t.graph.Add("Clip", [t.Name(call.Arguments[0]), t.Scalar(call.Arguments[1].Number)]),
        ["aten::amax"] = (t, call) => t.graph.Add("ReduceMax", t.Tensors(call, 0), Ints("axes", call.Arguments[1].Integers!), Int("keepdims", 1)),
        ["aten::linalg_vector_norm"] = (t, call) => t.graph.Add("ReduceL2", t.Tensors(Only(call, 1, 2), 0), Ints("axes", call.Arguments[2].Integers!), Int("keepdims", 1)),
        ["aten::pow.Tensor_Scalar"] = (t, call) => t.graph.Add("Pow", [t.Name(call.Arguments[0]), t.Scalar(call.Arguments[1].Number)]),
    };

    private readonly OnnxGraph graph;
    private readonly Dictionary<nint, (string Name, Tensor Tensor)> weights;
    private readonly Dictionary<nint, (string Name, WeightedLayer Layer)> quantized;
    private readonly Dictionary<nint, PackedLayer> packed = [];
    private readonly bool asFloats;
    private readonly Dictionary<nint, string> names = [];
    private readonly Dictionary<string, (string Inner, long[] Pads)> bordered = [];

    /// <param name="graph">Written to.</param>
    /// <param name="network">Whose weights become constants under their state-dict names.</param>
    /// <param name="asFloats">Write quantised weights as float32, for comparison.</param>
    public TracedOperators(OnnxGraph graph, Module network, bool asFloats)
    {
        (this.graph, this.asFloats) = (graph, asFloats);
        weights = network.StateDict.ToDictionary(named => OperatorTrace.Identify(named.Value), named => (named.Key, named.Value));
        quantized = WeightedLayers.Of(network).Where(named => named.Value.Parametrization is QuantizedWeight)
            .ToDictionary(named => OperatorTrace.Identify(named.Value.Weight), named => (named.Key, named.Value));
    }

    /// <summary>Says which value of the graph a tensor is.</summary>
    public void Bind(Tensor tensor, string value) => names[OperatorTrace.Identify(tensor)] = value;

    /// <summary>The value of the graph a traced tensor has become.</summary>
    public string Name(Tensor tensor) => names[OperatorTrace.Identify(tensor)];

    /// <summary>Writes one call. An in-place operator gives its target a new value.</summary>
    public void Write(TracedCall call)
    {
        if (!Writers.TryGetValue(call.Name, out var writer))
            throw new TernException($"the network uses {call.Name}, which is not exported to ONNX yet: add its line to TracedOperators.Writers");
        names[call.Result] = writer(this, call);
    }

    /// <summary>Zeros put around its input become its own padding, at no cost; the bordered input is left out in the end if nobody else asks for it.</summary>
    private string Convolution(TracedCall call)
    {
        string[] inputs = Inputs(call);
        long[] pads = Pads(call.Arguments[4]);
        if (bordered.TryGetValue(inputs[0], out var border)) (inputs[0], pads) = (border.Inner, [.. pads.Zip(border.Pads, (own, around) => own + around)]);
        return graph.Add(
            "Conv", inputs,
            Ints("strides", Pair(call.Arguments[3])), Ints("pads", pads), Ints("dilations", Pair(call.Arguments[5])), Int("group", (long)call.Arguments[6].Number));
    }

    /// <summary>libtorch says left, right, top, bottom; ONNX what comes before each of the four axes, then what comes after.</summary>
    private string Pad(TracedCall call)
    {
        string inner = Name(call.Arguments[0]);
        if (call.Arguments[1].Integers is not [var left, var right, var top, var bottom])
            throw new TernException($"the network calls {call.Name} on other axes than height and width, which is not exported to ONNX");
        string padded = graph.Add("Pad", [inner, Integers(0, 0, top, left, 0, 0, bottom, right)]);
        if (Math.Min(Math.Min(left, right), Math.Min(top, bottom)) >= 0) bordered[padded] = (inner, [top, left, bottom, right]);
        return padded;
    }

    /// <summary>The trace saw one picture and the file takes any number of them, so the first size must be left open.</summary>
    private string Reshape(TracedCall call)
    {
        long[] shape = call.Arguments[1].Integers!;
        return shape is [-1, ..]
            ? graph.Add("Reshape", [Name(call.Arguments[0]), Integers(shape)])
            : throw new TernException($"the network calls {call.Name} with [{string.Join(", ", shape)}], and only a shape that begins with -1 can be exported to ONNX");
    }

    private string Slice(TracedCall call)
    {
        (long axis, long start, long length) = ((long)call.Arguments[1].Number, (long)call.Arguments[2].Number, (long)call.Arguments[3].Number);
        return graph.Add("Slice", [Name(call.Arguments[0]), Integers(start), Integers(start + length), Integers(axis)]);
    }

    private string FullyConnected(TracedCall call) => packed.GetValueOrDefault(call.Arguments[1].Tensor) is { IsTernaryLinear: true } layer
        ? layer.WriteLinear(graph, Name(call.Arguments[0]))
        : graph.Add("Gemm", Inputs(call), Int("transB", 1));

    /// <summary>What unpacks the weight; where its layer takes it packed, nobody asks for that and it is left out in the end.</summary>
    private string Quantized(TracedCall call)
    {
        (string name, WeightedLayer layer) = quantized[call.Arguments[0].Tensor];
        if (asFloats) return graph.Constant($"{name}.weight", layer.Parametrization![layer.Weight]);
        return (packed[call.Result] = new PackedLayer(name, layer)).WriteWeight(graph);
    }

    /// <summary>Every element of a dimension from the last to the first, backwards.</summary>
    private string Flipped(TracedCall call)
    {
        long[] axes = call.Arguments[1].Integers!;
        string Each(string what, long value) => graph.Constant<long>($"tern.flip_{what}{string.Concat(axes.Select(axis => $"_{axis}"))}", [.. axes.Select(_ => value)], axes.Length);
        string axis = graph.Constant<long>($"tern.flip_axes{string.Concat(axes.Select(axis => $"_{axis}"))}", axes, axes.Length);
        return graph.Add("Slice", [Name(call.Arguments[0]), Each("from", -1), Each("to", long.MinValue), axis, Each("by", -1)]);
    }

    private string[] Inputs(TracedCall call) => call.Arguments[2].Tensor == 0 ? Tensors(call, 0, 1) : Tensors(call, 0, 1, 2);

    private string[] Tensors(TracedCall call, params int[] positions) => [.. positions.Select(position => Name(call.Arguments[position]))];

    private string Name(TracedArgument argument) => Name(argument.Tensor);

    private string Name(nint tensor)
    {
        if (names.TryGetValue(tensor, out string? name)) return name;
        return weights.TryGetValue(tensor, out var weight)
            ? graph.Constant(weight.Name, weight.Tensor)
            : throw new TernException("the network computes with a tensor that is neither its input nor one of its weights: register it as a parameter or buffer");
    }

    /// <summary>Slopes [C] as [C, 1, 1]: ONNX aligns shapes at the end, and the channels of [N, C, H, W] are not there.</summary>
    private string Slopes(TracedArgument argument)
    {
        (string name, Tensor slopes) = weights[argument.Tensor];
        return graph.Constant<float>(name, slopes.ToArray<float>(), slopes.Elements, 1, 1);
    }

    private string Scalar(double value) => graph.Constant<float>($"tern.scalar_{value:R}", [(float)value]);

    private string Integers(params long[] values) => graph.Constant<long>($"tern.integers_{string.Join('_', values)}", values, values.Length);

    /// <summary>The call, if an argument that ONNX has no place for is what ONNX means anyway (every element of a list of them).</summary>
    private static TracedCall Only(TracedCall call, int position, double value)
    {
        if (position >= call.Arguments.Count) return call;
        TracedArgument argument = call.Arguments[position];
        if (argument.Integers?.All(integer => integer == value) ?? argument.Number == value) return call;
        throw new TernException($"the network calls {call.Name} with argument {position} = {argument.Number}, and only {value} can be exported to ONNX");
    }

    private static AttributeProto[] Pool(TracedCall call, int ceiling) =>
    [
        Ints("kernel_shape", Pair(call.Arguments[1])), Ints("strides", Pair(call.Arguments[2])), Ints("pads", Pads(call.Arguments[3])),
        Int("ceil_mode", (long)call.Arguments[ceiling].Number),
    ];

    /// <summary>Without padding there is nothing to count, and runtimes disagree on windows that reach past the edge.</summary>
    private static AttributeProto CountPadding(TracedCall call) => Int("count_include_pad", Pair(call.Arguments[3]).Any(padding => padding > 0) ? (long)call.Arguments[5].Number : 0);

    private static long[] Pair(TracedArgument argument) => argument.Integers ?? [(long)argument.Number, (long)argument.Number];

    private static long[] Pads(TracedArgument argument) => [.. Pair(argument), .. Pair(argument)];
}
