using System.Runtime.InteropServices;
using Tern.Torch.Native;
using static Tern.Torch.Native.NativeMethods;

namespace Tern.Torch;

/// <summary>
/// A libtorch tensor. It is freed by the <see cref="TensorScope"/> it was made in, by <c>Dispose</c>, or at worst by its finalizer;
/// nobody writes <c>using</c> on temporaries.
/// </summary>
public sealed partial class Tensor : SafeHandle
{
    private static long live;

    internal TensorScope? Scope;

    internal Tensor(nint handle) : base(0, ownsHandle: true)
    {
        SetHandle(handle);
        Interlocked.Increment(ref live);
        TensorScope.Track(this);
    }

    /// <summary>How many tensors of this process are not yet freed: what a test of leaks compares.</summary>
    public static long Live => Interlocked.Read(ref live);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    internal nint Handle => !IsClosed && handle != 0
        ? handle
        : throw new ObjectDisposedException(nameof(Tensor), "this tensor was freed: keep it with TensorScope.Keep, or use it inside the scope it was made in");

    /// <summary>Element type.</summary>
    public DType DType => (DType)Info.DType;

    /// <summary>Where it lives.</summary>
    public Device Device => new(Info.DeviceType, Info.DeviceIndex);

    /// <summary>Sizes, outermost first.</summary>
    public unsafe long[] Shape
    {
        get
        {
            TensorInfo info = Info;
            return new ReadOnlySpan<long>(info.Sizes, info.Rank).ToArray();
        }
    }

    /// <summary>Number of elements.</summary>
    public long Elements => Info.Elements;

    /// <summary>Whether the autograd engine follows it.</summary>
    public bool RequiresGrad
    {
        get => Info.RequiresGrad != 0;
        set => Operator.Do("aten::requires_grad_", this, value);
    }

    /// <summary>The accumulated gradient, or null.</summary>
    public Tensor? Gradient
    {
        get
        {
            tern_gradient(Handle, out nint gradient);
            GC.KeepAlive(this);
            return gradient == 0 ? null : new Tensor(gradient);
        }
        set
        {
            tern_set_gradient(Handle, value?.Handle ?? 0);
            GC.KeepAlive(this);
            GC.KeepAlive(value);
        }
    }

    private unsafe TensorInfo Info
    {
        get
        {
            TensorInfo info;
            tern_info(Handle, &info);
            GC.KeepAlive(this);
            return info;
        }
    }

    /// <summary>Accumulates d(this)/d(leaf) into the gradient of every leaf. This must be a scalar.</summary>
    public void Backward()
    {
        tern_backward(Handle);
        GC.KeepAlive(this);
    }

    /// <summary>The same, and what it was computed from is kept: the same may be done again, or to another scalar of the same computation.</summary>
    public void BackwardKeeping() => Operator.Do("aten::_backward", this, Array.Empty<Tensor>(), Argument.None, true);

    /// <summary>A second handle of the same tensor: same memory, same gradient, freed on its own.</summary>
    public Tensor Alias()
    {
        tern_retain(Handle, out nint again);
        GC.KeepAlive(this);
        return new Tensor(again);
    }

    /// <summary>Takes this tensor out of whatever scope it is in: it is the caller's to dispose.</summary>
    public Tensor Unscope()
    {
        Scope = null;
        return this;
    }

    /// <summary>The tensor's own memory, no copy: a contiguous CPU tensor of elements <typeparamref name="T"/>. Valid while this object lives.</summary>
    public unsafe Span<T> Span<T>() where T : unmanaged
    {
        TensorInfo info = Info;
        if (sizeof(T) != DTypes.Size((DType)info.DType) && typeof(T) != typeof(byte))
            throw new TorchException($"a tensor of {(DType)info.DType} cannot be read as {typeof(T).Name}");
        if (info.Elements == 0) return [];
        tern_data(Handle, out void* data);
        return new Span<T>(data, checked((int)(info.Bytes / sizeof(T))));
    }

    /// <summary>A copy of the elements in row-major order.</summary>
    public T[] ToArray<T>() where T : unmanaged
    {
        using var scope = new TensorScope();
        Tensor plain = Detach().To(Device.Cpu).Contiguous();
        if (plain.DType != DTypes.Of<T>()) throw new TorchException($"a tensor of {plain.DType} cannot be read as {typeof(T).Name}: convert it with To(DType) first");
        return plain.Span<T>().ToArray();
    }

    /// <summary>The value of a tensor of one element.</summary>
    public double Item() => Operator.Number("aten::item", this);

    /// <inheritdoc/>
    public override string ToString() => IsClosed ? "freed tensor" : $"{DType} [{string.Join(", ", Shape)}] on {Device}";

    protected override bool ReleaseHandle()
    {
        Interlocked.Decrement(ref live);
        return tern_release(handle) == 0;
    }
}
