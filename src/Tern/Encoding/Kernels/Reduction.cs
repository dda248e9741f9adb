using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>A number out of many: how one value enters the running result, and how that becomes the answer.</summary>
internal interface IReduction
{
    double Start { get; }

    double Enter(double running, float value);

    double Finish(double running, long count);
}

/// <summary>ReduceMean, ReduceSum, ReduceMax, ReduceL2 and the global pools. Sums are kept in double.</summary>
internal static class Reduction
{
    public static Kernel Build<TReduction>(Node node, TReduction reduction) where TReduction : struct, IReduction
    {
        bool keep = node.Flag("keepdims", true);
        bool nothingMeansNothing = node.Flag("noop_with_empty_axes", false);
        long[]? stated = node.Integers("axes");
        if (stated is not null && node.HasInput(1))
            throw node.Fault("axes are given twice, as attribute and as input");
        return call =>
        {
            long[] axes = stated ?? (call.Optional(1) is null ? [] : call.Integers(1));
            if (axes.Length == 0 && nothingMeansNothing)
                return [call[0]];
            bool[] reduced = new bool[call[0].Rank];
            if (axes.Length == 0)
                Array.Fill(reduced, true);
            foreach (long axis in axes)
                reduced[call.Axis(axis, reduced.Length)] = true;
            return [Run(call, reduction, reduced, keep)];
        };
    }

    /// <summary>Over all axes behind the channels.</summary>
    public static Kernel Global<TReduction>(TReduction reduction) where TReduction : struct, IReduction => call =>
    {
        if (call[0].Rank < 3)
            throw call.Fault($"input {Shapes.Text(call[0].Shape)}; images [N, C, H, W] were expected");
        bool[] reduced = new bool[call[0].Rank];
        Array.Fill(reduced, true, 2, reduced.Length - 2);
        return [Run(call, reduction, reduced, keep: true)];
    };

    private static OnnxTensor Run<TReduction>(Call call, TReduction reduction, bool[] reduced, bool keep)
        where TReduction : struct, IReduction
    {
        call.RequireFloat(0);
        OnnxTensor input = call[0];
        int[] strides = Shapes.Strides(input.Shape);
        var (keptShape, keptStrides, innerShape, innerStrides, shape) =
            (new List<int>(), new List<int>(), new List<int>(), new List<int>(), new List<int>());
        for (int axis = 0; axis < reduced.Length; axis++)
        {
            (reduced[axis] ? innerShape : keptShape).Add(input.Shape[axis]);
            (reduced[axis] ? innerStrides : keptStrides).Add(strides[axis]);
            if (!reduced[axis] || keep)
                shape.Add(reduced[axis] ? 1 : input.Shape[axis]);
        }
        OnnxTensor result = call.New(OnnxElementType.Float, [.. shape]);
        ReadOnlySpan<float> source = input.Span<float>();
        Span<float> target = result.Span<float>();
        long count = Shapes.Count([.. innerShape]);
        var inner = new StridedRows([.. innerShape], [[.. innerStrides]], [0]);
        var outer = new StridedRows([.. keptShape], [[.. keptStrides]], [0]);
        while (outer.Next())
        {
            for (int i = 0; i < outer.Length; i++)
            {
                inner.Restart(outer.Start(0) + i * outer.Step(0));
                target[outer.Position + i] = (float)reduction.Finish(One(source, inner, reduction), count);
            }
        }
        return result;
    }

    private static double One<TReduction>(ReadOnlySpan<float> source, StridedRows rows, TReduction reduction)
        where TReduction : struct, IReduction
    {
        double running = reduction.Start;
        while (rows.Next())
        {
            for (int i = 0, at = rows.Start(0); i < rows.Length; i++, at += rows.Step(0))
                running = reduction.Enter(running, source[at]);
        }
        return running;
    }
}

internal readonly struct SumOf : IReduction
{
    public double Start => 0;

    public double Enter(double running, float value) => running + value;

    public double Finish(double running, long count) => running;
}

internal readonly struct MeanOf : IReduction
{
    public double Start => 0;

    public double Enter(double running, float value) => running + value;

    public double Finish(double running, long count) => running / count;
}

internal readonly struct MaximumOf : IReduction
{
    public double Start => double.NegativeInfinity;

    public double Enter(double running, float value) => double.Max(running, value);

    public double Finish(double running, long count) => running;
}

internal readonly struct EuclideanNormOf : IReduction
{
    public double Start => 0;

    public double Enter(double running, float value) => running + (double)value * value;

    public double Finish(double running, long count) => Math.Sqrt(running);
}
