using System.Runtime.InteropServices;

namespace Tern.Torch.Native;

/// <summary>tern_tag of native/tern_torch.h.</summary>
internal enum Tag
{
    None,
    Tensor,
    Float,
    Int,
    Bool,
    Ints,
    Floats,
    Tensors,
    String,
    Device,
}

/// <summary>tern_value: one argument or result of an operator.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct NativeValue
{
    [FieldOffset(0)] public Tag Tag;
    [FieldOffset(4)] public int Count;
    [FieldOffset(8)] public long Integer;
    [FieldOffset(8)] public double Real;
    [FieldOffset(8)] public nint Pointer;
}

/// <summary>tern_tensor_info.</summary>
internal unsafe struct TensorInfo
{
    public int DType, DeviceType, DeviceIndex, Rank;
    public int RequiresGrad, IsContiguous;
    public long Elements, Bytes;
    public fixed long Sizes[8];
}
