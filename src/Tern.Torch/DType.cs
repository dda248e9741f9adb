namespace Tern.Torch;

/// <summary>Element types, numbered as libtorch's ScalarType.</summary>
public enum DType
{
    Byte = 0,
    SByte = 1,
    Int16 = 2,
    Int32 = 3,
    Int64 = 4,
    Float16 = 5,
    Float32 = 6,
    Float64 = 7,
    Bool = 11,
    BFloat16 = 15,
}

/// <summary>How the dimensions of a 4-D tensor lie in memory, numbered as libtorch's MemoryFormat.</summary>
public enum MemoryFormat
{
    Contiguous = 0,
    ChannelsLast = 2,
}

internal static class DTypes
{
    internal static DType Of<T>() where T : unmanaged => default(T) switch
    {
        float => DType.Float32,
        double => DType.Float64,
        long => DType.Int64,
        int => DType.Int32,
        short => DType.Int16,
        byte => DType.Byte,
        sbyte => DType.SByte,
        bool => DType.Bool,
        _ => throw new TorchException($"no tensor holds elements of type {typeof(T).Name}"),
    };

    internal static int Size(DType type) => type switch
    {
        DType.Byte or DType.SByte or DType.Bool => 1,
        DType.Int16 or DType.Float16 or DType.BFloat16 => 2,
        DType.Int32 or DType.Float32 => 4,
        _ => 8,
    };
}
