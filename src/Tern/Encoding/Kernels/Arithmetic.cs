using System.Numerics;
using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>A function of two numbers of one type, whole registers of floats at a time.</summary>
internal interface IArithmetic
{
    static abstract T Apply<T>(T left, T right) where T : INumber<T>;

    static abstract Vector<float> Apply(Vector<float> left, Vector<float> right);
}

/// <summary>
/// Add, Sub, Mul, Div, Min, Max and PRelu on float, int64, int32 and uint8, broadcasting; with more than two inputs, one after another.
/// </summary>
internal static class Arithmetic
{
    public static Kernel Build<TFunction>(Node node) where TFunction : IArithmetic => call =>
    {
        OnnxTensor result = call[0];
        for (int i = 1; i < call.Count; i++)
            result = Run<TFunction>(call, result, call[i], overwrite: i == 1);
        return [result];
    };

    private static OnnxTensor Run<TFunction>(Call call, OnnxTensor left, OnnxTensor right, bool overwrite) where TFunction : IArithmetic
    {
        switch (Binary.SameType(call, left, right))
        {
            case OnnxElementType.Float: return Floats<TFunction>(call, left, right, overwrite);
            case OnnxElementType.Int64: return Integers<long, TFunction>(call, left, right);
            case OnnxElementType.Int32: return Integers<int, TFunction>(call, left, right);
            case OnnxElementType.UInt8: return Integers<byte, TFunction>(call, left, right);
            default: throw call.Fault($"inputs of {left.ElementType}; Float, Int64, Int32 and UInt8 can be computed with");
        }
    }

    private static OnnxTensor Integers<T, TFunction>(Call call, OnnxTensor left, OnnxTensor right)
        where T : unmanaged, INumber<T> where TFunction : IArithmetic
    {
        if (typeof(TFunction) == typeof(Divide) && right.Span<T>().Contains(T.Zero))
            throw call.Fault("an integer is divided by zero");
        return Binary.Run<T, T, Scalar<T, TFunction>>(call, left, right, left.ElementType);
    }

    private readonly struct Scalar<T, TFunction> : IBinary<T, T> where T : INumber<T> where TFunction : IArithmetic
    {
        public static T Apply(T left, T right) => TFunction.Apply(left, right);
    }

    private static OnnxTensor Floats<TFunction>(Call call, OnnxTensor left, OnnxTensor right, bool overwrite) where TFunction : IArithmetic
    {
        int[] shape = Binary.Broadcast(call, left, right);
        OnnxTensor result = overwrite && left.Shape.SequenceEqual(shape) ? call.Overwrite(0)
            : overwrite && right.Shape.SequenceEqual(shape) ? call.Overwrite(1) : call.New(OnnxElementType.Float, shape);
        Span<float> a = left.Span<float>(), b = right.Span<float>(), target = result.Span<float>();
        var rows = new StridedRows(
            shape, [Shapes.BroadcastStrides(left.Shape, shape), Shapes.BroadcastStrides(right.Shape, shape)], [0, 0]);
        while (rows.Next())
        {
            Row<TFunction>(a[rows.Start(0)..], rows.Step(0), b[rows.Start(1)..], rows.Step(1), target.Slice(rows.Position, rows.Length));
        }
        return result;
    }

    private static void Row<TFunction>(Span<float> left, int stepLeft, Span<float> right, int stepRight, Span<float> target)
        where TFunction : IArithmetic
    {
        int i = 0;
        if (stepLeft is 0 or 1 && stepRight is 0 or 1)
        {
            for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector<float> a = stepLeft == 0 ? new Vector<float>(left[0]) : new Vector<float>(left[i..]);
                Vector<float> b = stepRight == 0 ? new Vector<float>(right[0]) : new Vector<float>(right[i..]);
                TFunction.Apply(a, b).CopyTo(target[i..]);
            }
        }
        for (; i < target.Length; i++)
            target[i] = TFunction.Apply(left[i * stepLeft], right[i * stepRight]);
    }
}

internal readonly struct Add : IArithmetic
{
    public static T Apply<T>(T left, T right) where T : INumber<T> => unchecked(left + right);

    public static Vector<float> Apply(Vector<float> left, Vector<float> right) => left + right;
}

internal readonly struct Subtract : IArithmetic
{
    public static T Apply<T>(T left, T right) where T : INumber<T> => unchecked(left - right);

    public static Vector<float> Apply(Vector<float> left, Vector<float> right) => left - right;
}

internal readonly struct Multiply : IArithmetic
{
    public static T Apply<T>(T left, T right) where T : INumber<T> => unchecked(left * right);

    public static Vector<float> Apply(Vector<float> left, Vector<float> right) => left * right;
}

internal readonly struct Divide : IArithmetic
{
    // The least integer has no counterpart to be divided by -1; it stays itself, where .NET would throw.
    public static T Apply<T>(T left, T right) where T : INumber<T> =>
        typeof(T) != typeof(float) && T.IsNegative(right) && right + T.One == T.Zero ? unchecked(T.Zero - left) : left / right;

    public static Vector<float> Apply(Vector<float> left, Vector<float> right) => left / right;
}

internal readonly struct Minimum : IArithmetic
{
    public static T Apply<T>(T left, T right) where T : INumber<T> => T.Min(left, right);

    public static Vector<float> Apply(Vector<float> left, Vector<float> right) => Vector.Min(left, right);
}

internal readonly struct Maximum : IArithmetic
{
    public static T Apply<T>(T left, T right) where T : INumber<T> => T.Max(left, right);

    public static Vector<float> Apply(Vector<float> left, Vector<float> right) => Vector.Max(left, right);
}

/// <summary>PRelu: the second input is the slope below zero.</summary>
internal readonly struct ParametricRelu : IArithmetic
{
    public static T Apply<T>(T left, T right) where T : INumber<T> => left < T.Zero ? left * right : left;

    public static Vector<float> Apply(Vector<float> left, Vector<float> right) =>
        Vector.ConditionalSelect(Vector.LessThan(left, Vector<float>.Zero), left * right, left);
}
