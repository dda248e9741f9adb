using System.Numerics;
using System.Runtime.InteropServices;
using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>A function of one float; whole registers at a time where that is worth it.</summary>
internal interface IUnary
{
    float Apply(float x);

    /// <summary>Applies the function to as many leading elements as fit registers, and says to how many; by default to none.</summary>
    int ApplyVectors(Span<float> source, Span<float> target) => 0;
}

/// <summary>Operators that treat every element alone, in place where nobody else needs the input.</summary>
internal static class Unary
{
    public static Kernel Of<TFunction>(TFunction function) where TFunction : struct, IUnary => call =>
    {
        call.RequireFloat(0);
        OnnxTensor result = call.Overwrite(0);
        Span<float> source = call[0].Span<float>(), target = result.Span<float>();
        for (int i = function.ApplyVectors(source, target); i < target.Length; i++)
            target[i] = function.Apply(source[i]);
        return [result];
    };

    /// <summary>A function that integers have too.</summary>
    public static Kernel BuildSigned<TFunction>(Node node) where TFunction : ISigned => call =>
    {
        OnnxTensor result = call.Overwrite(0);
        switch (result.ElementType)
        {
            case OnnxElementType.Float: Run<float, TFunction>(call[0], result); break;
            case OnnxElementType.Int64: Run<long, TFunction>(call[0], result); break;
            case OnnxElementType.Int32: Run<int, TFunction>(call[0], result); break;
            default: throw call.Fault($"an input of {result.ElementType}; Float, Int64 and Int32 have a sign");
        }
        return [result];
    };

    private static void Run<T, TFunction>(OnnxTensor source, OnnxTensor target) where T : unmanaged, INumber<T> where TFunction : ISigned
    {
        Span<T> from = source.Span<T>(), to = target.Span<T>();
        for (int i = 0; i < to.Length; i++)
            to[i] = TFunction.Apply(from[i]);
    }
}

internal interface ISigned
{
    static abstract T Apply<T>(T x) where T : INumber<T>;
}

internal readonly struct Absolute : ISigned
{
    // The least integer stays itself, where T.Abs would throw.
    public static T Apply<T>(T x) where T : INumber<T> => typeof(T) == typeof(float) ? T.Abs(x) : x < T.Zero ? unchecked(T.Zero - x) : x;
}

internal readonly struct Negate : ISigned
{
    public static T Apply<T>(T x) where T : INumber<T> => unchecked(-x);
}

internal readonly struct Sqrt : IUnary
{
    public float Apply(float x) => MathF.Sqrt(x);
}

internal readonly struct Exp : IUnary
{
    public float Apply(float x) => MathF.Exp(x);
}

internal readonly struct Log : IUnary
{
    public float Apply(float x) => MathF.Log(x);
}

internal readonly struct Sigmoid : IUnary
{
    public float Apply(float x) => 1 / (1 + MathF.Exp(-x));
}

internal readonly struct Tanh : IUnary
{
    public float Apply(float x) => MathF.Tanh(x);
}

internal readonly record struct LeakyRelu(float Alpha) : IUnary
{
    public float Apply(float x) => x < 0 ? Alpha * x : x;
}

internal readonly record struct HardSigmoid(float Alpha, float Beta) : IUnary
{
    public float Apply(float x) => float.Max(0, float.Min(1, Alpha * x + Beta));
}

internal readonly struct HardSwish : IUnary
{
    public float Apply(float x) => x * float.Max(0, float.Min(1, x / 6 + 0.5f));
}

/// <summary>Relu, and Clip with bounds.</summary>
internal readonly record struct Limit(Clamp Clamp) : IUnary
{
    public float Apply(float x) => Clamp.Apply(x);

    public int ApplyVectors(Span<float> source, Span<float> target)
    {
        Vector<float> low = new(Clamp.Low), high = new(Clamp.High);
        Span<Vector<float>> from = MemoryMarshal.Cast<float, Vector<float>>(source), to = MemoryMarshal.Cast<float, Vector<float>>(target);
        for (int i = 0; i < to.Length; i++)
            to[i] = Vector.Min(high, Vector.Max(low, from[i]));
        return to.Length * Vector<float>.Count;
    }
}

/// <summary>The Gauss error function.</summary>
/// <remarks>Abramowitz and Stegun 1964, formula 7.1.26, computed in double: absolute error below 1.5e-7.</remarks>
internal readonly struct Erf : IUnary
{
    public float Apply(float x)
    {
        double t = 1 / (1 + 0.3275911 * Math.Abs((double)x));
        double polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
        return (float)Math.CopySign(1 - polynomial * Math.Exp(-(double)x * x), x);
    }
}
