using System.Collections.Frozen;
using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>What we know of an operator before it runs.</summary>
/// <param name="Least">The fewest inputs it takes.</param>
/// <param name="Most">The most inputs it takes.</param>
/// <param name="Outputs">The most outputs it gives.</param>
/// <param name="Build">Reads a node's attributes and constants, packs its weights, and gives the kernel.</param>
internal sealed record Operator(int Least, int Most, int Outputs, Func<Node, Kernel> Build);

/// <summary>
/// Every operator we run. To add one: a file or a method beside its relatives, a line here, and the ONNX tests of its name run by
/// themselves.
/// </summary>
internal static class Operators
{
    private const int Any = int.MaxValue;

    private static readonly FrozenDictionary<string, Operator> Table = new Dictionary<string, Operator>
    {
        ["Add"] = new(2, 2, 1, Arithmetic.Build<Add>),
        ["Sub"] = new(2, 2, 1, Arithmetic.Build<Subtract>),
        ["Mul"] = new(2, 2, 1, Arithmetic.Build<Multiply>),
        ["Div"] = new(2, 2, 1, Arithmetic.Build<Divide>),
        ["Min"] = new(1, Any, 1, Arithmetic.Build<Minimum>),
        ["Max"] = new(1, Any, 1, Arithmetic.Build<Maximum>),
        ["Mod"] = new(2, 2, 1, Modulo.Build),
        ["Pow"] = new(2, 2, 1, Power.Build),
        ["BitShift"] = new(2, 2, 1, BitShift.Build),

        ["Greater"] = new(2, 2, 1, Comparison.Build<Greater>),
        ["GreaterOrEqual"] = new(2, 2, 1, Comparison.Build<GreaterOrEqual>),
        ["Less"] = new(2, 2, 1, Comparison.Build<Less>),
        ["LessOrEqual"] = new(2, 2, 1, Comparison.Build<LessOrEqual>),
        ["Equal"] = new(2, 2, 1, Comparison.Build<Equal>),
        ["And"] = new(2, 2, 1, Logic.BuildAnd),
        ["Or"] = new(2, 2, 1, Logic.BuildOr),
        ["Not"] = new(1, 1, 1, Logic.BuildNot),
        ["Where"] = new(3, 3, 1, Logic.BuildWhere),

        ["Abs"] = new(1, 1, 1, Unary.BuildSigned<Absolute>),
        ["Neg"] = new(1, 1, 1, Unary.BuildSigned<Negate>),
        ["Sqrt"] = new(1, 1, 1, _ => Unary.Of(new Sqrt())),
        ["Exp"] = new(1, 1, 1, _ => Unary.Of(new Exp())),
        ["Log"] = new(1, 1, 1, _ => Unary.Of(new Log())),
        ["Erf"] = new(1, 1, 1, _ => Unary.Of(new Erf())),
        ["Sigmoid"] = new(1, 1, 1, _ => Unary.Of(new Sigmoid())),
        ["Tanh"] = new(1, 1, 1, _ => Unary.Of(new Tanh())),
        ["HardSwish"] = new(1, 1, 1, _ => Unary.Of(new HardSwish())),
        ["HardSigmoid"] = new(1, 1, 1, node => Unary.Of(new HardSigmoid(node.Real("alpha", 0.2f), node.Real("beta", 0.5f)))),
        ["LeakyRelu"] = new(1, 1, 1, node => Unary.Of(new LeakyRelu(node.Real("alpha", 0.01f)))),
        ["Relu"] = new(1, 1, 1, _ => Unary.Of(new Limit(Clamp.Relu))),
        ["Clip"] = new(1, 3, 1, Clipping.Build),
        ["PRelu"] = new(2, 2, 1, Arithmetic.Build<ParametricRelu>),
        ["Softmax"] = new(1, 1, 1, node => Softmax.Build(node, logarithm: false)),
        ["LogSoftmax"] = new(1, 1, 1, node => Softmax.Build(node, logarithm: true)),

        ["Conv"] = new(2, 3, 1, Convolution.Build),
        ["Gemm"] = new(2, 3, 1, Gemm.Build),
        ["MatMul"] = new(2, 2, 1, MatMul.Build),
        [FunctionInliner.TernaryLinear] = new(5, 5, 1, TernaryLinear.Build),
        ["BatchNormalization"] = new(5, 5, 1, BatchNormalization.Build),
        ["LRN"] = new(1, 1, 1, LocalResponseNormalization.Build),
        ["LpNormalization"] = new(1, 1, 1, LpNormalization.Build),
        ["MaxPool"] = new(1, 1, 1, Pooling.BuildMax),
        ["AveragePool"] = new(1, 1, 1, Pooling.BuildAverage),
        ["GlobalAveragePool"] = new(1, 1, 1, _ => Reduction.Global(new MeanOf())),
        ["GlobalMaxPool"] = new(1, 1, 1, _ => Reduction.Global(new MaximumOf())),
        ["ReduceMean"] = new(1, 1, 1, node => Reduction.Build(node, new MeanOf())),
        ["ReduceMax"] = new(1, 1, 1, node => Reduction.Build(node, new MaximumOf())),
        ["ReduceL2"] = new(1, 1, 1, node => Reduction.Build(node, new EuclideanNormOf())),
        ["ReduceSum"] = new(1, 2, 1, node => Reduction.Build(node, new SumOf())),

        ["Identity"] = new(1, 1, 1, _ => call => [call[0]]),
        ["Dropout"] = new(1, 3, 2, Dropout.Build),
        ["Flatten"] = new(1, 1, 1, Reshaping.BuildFlatten),
        ["Reshape"] = new(2, 2, 1, Reshaping.BuildReshape),
        ["Squeeze"] = new(1, 2, 1, Reshaping.BuildSqueeze),
        ["Unsqueeze"] = new(1, 2, 1, Reshaping.BuildUnsqueeze),
        ["Shape"] = new(1, 1, 1, Reshaping.BuildShape),
        ["Transpose"] = new(1, 1, 1, Movement.BuildTranspose),
        ["Expand"] = new(2, 2, 1, Movement.BuildExpand),
        ["Slice"] = new(1, 5, 1, Slicing.BuildSlice),
        ["Split"] = new(1, 2, Any, Slicing.BuildSplit),
        ["Concat"] = new(1, Any, 1, Concat.Build),
        ["Gather"] = new(2, 2, 1, Gather.Build),
        ["Pad"] = new(1, 3, 1, Pad.Build),
        ["Constant"] = new(0, 0, 1, Constant.Build),
        ["ConstantOfShape"] = new(1, 1, 1, Constant.BuildOfShape),
        ["Cast"] = new(1, 1, 1, Cast.Build),
        ["DequantizeLinear"] = new(2, 3, 1, DequantizeLinear.Build),
    }.ToFrozenDictionary();

    /// <summary>The names of the operators, in alphabetical order.</summary>
    public static IEnumerable<string> Names => Table.Keys.Order(StringComparer.Ordinal);

    /// <summary>Throws unless we run the node's operator with as many inputs and outputs as it has.</summary>
    public static void Require(Node node)
    {
        if (!Table.TryGetValue(node.OpType, out Operator? known))
            throw node.Fault($"this operator is not supported. Supported are {string.Join(", ", Names)}");
        if (node.Opset == 0)
            throw node.Fault("the model does not import the operator set this operator belongs to");
        int given = node.Inputs.Length, asked = node.Outputs.Length;
        while (asked > 0 && node.Outputs[asked - 1].Length == 0)
            asked--;
        if (given < known.Least || given > known.Most || Enumerable.Range(0, known.Least).Any(i => !node.HasInput(i)))
            throw node.Fault($"it has {given} inputs, {known.Least} to {known.Most} were expected");
        if (asked == 0 || asked > known.Outputs)
            throw node.Fault($"it gives {asked} outputs, 1 to {known.Outputs} are supported here");
    }

    /// <summary>The kernel of a node whose <see cref="Node.Constants"/> are filled in.</summary>
    public static Kernel Build(Node node)
    {
        Kernel kernel = Table[node.OpType].Build(node);
        node.RequireAllAttributesRead();
        return kernel;
    }
}
