using System.Numerics;
using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>Mod: the remainder with the sign of the divisor, as Python's %; with fmod = 1 with the sign of the dividend, as C's.</summary>
internal static class Modulo
{
    public static Kernel Build(Node node)
    {
        bool truncated = node.Flag("fmod", false);
        return call =>
        {
            OnnxTensor left = call[0], right = call[1];
            OnnxElementType type = Binary.SameType(call, left, right);
            return [type switch
            {
                OnnxElementType.Float when truncated => Binary.Run<float, float, Truncated<float>>(call, left, right, type),
                OnnxElementType.Float => throw call.Fault("floats need fmod = 1"),
                OnnxElementType.Int64 => Integers<long>(call, truncated),
                OnnxElementType.Int32 => Integers<int>(call, truncated),
                OnnxElementType.UInt8 => Integers<byte>(call, truncated),
                _ => throw call.Fault($"inputs of {type}; Float, Int64, Int32 and UInt8 can be computed with"),
            }];
        };
    }

    private static OnnxTensor Integers<T>(Call call, bool truncated) where T : unmanaged, INumber<T>
    {
        if (call[1].Span<T>().Contains(T.Zero))
            throw call.Fault("the remainder of a division by zero");
        return truncated
            ? Binary.Run<T, T, Truncated<T>>(call, call[0], call[1], call[0].ElementType)
            : Binary.Run<T, T, Floored<T>>(call, call[0], call[1], call[0].ElementType);
    }

    private readonly struct Truncated<T> : IBinary<T, T> where T : INumber<T>
    {
        // Every integer is a multiple of -1; .NET would throw for the least one.
        public static T Apply(T left, T right) =>
            typeof(T) != typeof(float) && T.IsNegative(right) && right + T.One == T.Zero ? T.Zero : left % right;
    }

    private readonly struct Floored<T> : IBinary<T, T> where T : INumber<T>
    {
        public static T Apply(T left, T right)
        {
            T remainder = Truncated<T>.Apply(left, right);
            return remainder != T.Zero && T.IsNegative(remainder) != T.IsNegative(right) ? remainder + right : remainder;
        }
    }
}

/// <summary>BitShift on uint8, the unsigned type we have; shifting by 8 or more leaves nothing.</summary>
internal static class BitShift
{
    public static Kernel Build(Node node)
    {
        string direction = node.Text("direction", "");
        if (direction is not ("LEFT" or "RIGHT"))
            throw node.Fault($"direction is '{direction}'; LEFT or RIGHT was expected");
        return call =>
        {
            OnnxElementType type = Binary.SameType(call, call[0], call[1]);
            if (type != OnnxElementType.UInt8)
                throw call.Fault($"inputs of {type}; bits are shifted in UInt8 here");
            return [direction == "LEFT"
                ? Binary.Run<byte, byte, Left>(call, call[0], call[1], type)
                : Binary.Run<byte, byte, Right>(call, call[0], call[1], type)];
        };
    }

    private readonly struct Left : IBinary<byte, byte>
    {
        public static byte Apply(byte left, byte right) => (byte)(right < 8 ? left << right : 0);
    }

    private readonly struct Right : IBinary<byte, byte>
    {
        public static byte Apply(byte left, byte right) => (byte)(right < 8 ? left >> right : 0);
    }
}
