namespace Tern.Encoding;

/// <summary>
/// What a tensor holds. The numbers are ONNX's own (TensorProto.DataType); types missing here are refused when a model is opened.
/// </summary>
public enum OnnxElementType
{
    /// <summary>32-bit floating point, <see cref="float"/>.</summary>
    Float = 1,

    /// <summary>Unsigned 8-bit integer, <see cref="byte"/>.</summary>
    UInt8 = 2,

    /// <summary>Signed 32-bit integer, <see cref="int"/>.</summary>
    Int32 = 6,

    /// <summary>Signed 64-bit integer, <see cref="long"/>.</summary>
    Int64 = 7,

    /// <summary>Truth value, <see cref="bool"/>.</summary>
    Bool = 9,

    /// <summary>64-bit floating point, <see cref="double"/>: for constants and Cast only, no operator computes in it.</summary>
    Double = 11,
}

internal static class ElementTypes
{
    /// <summary>The ONNX type of a .NET element, or null where ONNX or Tern has none.</summary>
    public static OnnxElementType? Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? OnnxElementType.Float
        : typeof(T) == typeof(byte) ? OnnxElementType.UInt8
        : typeof(T) == typeof(int) ? OnnxElementType.Int32
        : typeof(T) == typeof(long) ? OnnxElementType.Int64
        : typeof(T) == typeof(bool) ? OnnxElementType.Bool
        : typeof(T) == typeof(double) ? OnnxElementType.Double
        : null;

    /// <summary>Bytes of one element.</summary>
    public static int Size(this OnnxElementType type) => type switch
    {
        OnnxElementType.UInt8 or OnnxElementType.Bool => 1,
        OnnxElementType.Float or OnnxElementType.Int32 => 4,
        _ => 8,
    };

    /// <summary>ONNX's number as one of ours, or null for a type Tern does not hold (float16, string, ...).</summary>
    public static OnnxElementType? FromNumber(int number) => (OnnxElementType)number switch
    {
        OnnxElementType.Float or OnnxElementType.UInt8 or OnnxElementType.Int32 or OnnxElementType.Int64
            or OnnxElementType.Bool or OnnxElementType.Double => (OnnxElementType)number,
        _ => null,
    };
}
