using System.Runtime.Intrinsics;

namespace Tern.Encoding.Kernels;

/// <summary>A vector register of floats, so that one tile is written for every width.</summary>
internal unsafe interface ILane<TSelf> where TSelf : unmanaged, ILane<TSelf>
{
    /// <summary>Floats in a register.</summary>
    static abstract int Width { get; }

    static abstract TSelf Load(float* source);

    static abstract TSelf Broadcast(float value);

    /// <summary>left * right + sum.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf sum);

    static abstract void Store(TSelf lane, float* target);
}

internal readonly unsafe struct Lane512(Vector512<float> value) : ILane<Lane512>
{
    private readonly Vector512<float> value = value;

    public static int Width => Vector512<float>.Count;

    public static Lane512 Load(float* source) => new(Vector512.Load(source));

    public static Lane512 Broadcast(float value) => new(Vector512.Create(value));

    public static Lane512 MultiplyAdd(Lane512 left, Lane512 right, Lane512 sum) =>
        new(Vector512.MultiplyAddEstimate(left.value, right.value, sum.value));

    public static void Store(Lane512 lane, float* target) => lane.value.Store(target);
}

internal readonly unsafe struct Lane256(Vector256<float> value) : ILane<Lane256>
{
    private readonly Vector256<float> value = value;

    public static int Width => Vector256<float>.Count;

    public static Lane256 Load(float* source) => new(Vector256.Load(source));

    public static Lane256 Broadcast(float value) => new(Vector256.Create(value));

    public static Lane256 MultiplyAdd(Lane256 left, Lane256 right, Lane256 sum) =>
        new(Vector256.MultiplyAddEstimate(left.value, right.value, sum.value));

    public static void Store(Lane256 lane, float* target) => lane.value.Store(target);
}

internal readonly unsafe struct Lane128(Vector128<float> value) : ILane<Lane128>
{
    private readonly Vector128<float> value = value;

    public static int Width => Vector128<float>.Count;

    public static Lane128 Load(float* source) => new(Vector128.Load(source));

    public static Lane128 Broadcast(float value) => new(Vector128.Create(value));

    // Fused where the processor fuses; a processor without it would otherwise call a slow library function.
    public static Lane128 MultiplyAdd(Lane128 left, Lane128 right, Lane128 sum) =>
        new(Vector128.MultiplyAddEstimate(left.value, right.value, sum.value));

    public static void Store(Lane128 lane, float* target) => lane.value.Store(target);
}
