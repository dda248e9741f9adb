using System.Numerics;
using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>A question about two numbers of one type.</summary>
internal interface IComparison
{
    static abstract bool Holds<T>(T left, T right) where T : INumber<T>;
}

/// <summary>Greater, GreaterOrEqual, Less, LessOrEqual and Equal, broadcasting, to bool.</summary>
internal static class Comparison
{
    public static Kernel Build<TComparison>(Node node) where TComparison : IComparison => call =>
    {
        OnnxElementType type = Binary.SameType(call, call[0], call[1]);
        return [type switch
        {
            OnnxElementType.Float => Run<float, TComparison>(call),
            OnnxElementType.Int64 => Run<long, TComparison>(call),
            OnnxElementType.Int32 => Run<int, TComparison>(call),
            OnnxElementType.UInt8 or OnnxElementType.Bool => Run<byte, TComparison>(call),
            _ => throw call.Fault($"inputs of {type} cannot be compared here"),
        }];
    };

    private static OnnxTensor Run<T, TComparison>(Call call) where T : unmanaged, INumber<T> where TComparison : IComparison =>
        Binary.Run<T, bool, Of<T, TComparison>>(call, Numbers(call[0]), Numbers(call[1]), OnnxElementType.Bool);

    // Truth values compare as the bytes they are.
    private static OnnxTensor Numbers(OnnxTensor tensor) => tensor.ElementType == OnnxElementType.Bool
        ? new OnnxTensor(OnnxElementType.UInt8, tensor.Shape.ToArray(), tensor.Storage) : tensor;

    private readonly struct Of<T, TComparison> : IBinary<T, bool> where T : INumber<T> where TComparison : IComparison
    {
        public static bool Apply(T left, T right) => TComparison.Holds(left, right);
    }
}

internal readonly struct Greater : IComparison
{
    public static bool Holds<T>(T left, T right) where T : INumber<T> => left > right;
}

internal readonly struct GreaterOrEqual : IComparison
{
    public static bool Holds<T>(T left, T right) where T : INumber<T> => left >= right;
}

internal readonly struct Less : IComparison
{
    public static bool Holds<T>(T left, T right) where T : INumber<T> => left < right;
}

internal readonly struct LessOrEqual : IComparison
{
    public static bool Holds<T>(T left, T right) where T : INumber<T> => left <= right;
}

internal readonly struct Equal : IComparison
{
    public static bool Holds<T>(T left, T right) where T : INumber<T> => left == right;
}
