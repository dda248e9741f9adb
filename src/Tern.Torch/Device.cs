namespace Tern.Torch;

/// <summary>Where a tensor lives; the type is numbered as libtorch's DeviceType.</summary>
public readonly record struct Device(int Type, int Index)
{
    /// <summary>Main memory.</summary>
    public static Device Cpu => new(0, -1);

    /// <summary>The GPU of that index.</summary>
    public static Device Cuda(int index = 0) => new(1, index);

    /// <inheritdoc/>
    public override string ToString() => Type switch { 0 => "cpu", 1 => $"cuda:{Index}", _ => $"device {Type}:{Index}" };
}
