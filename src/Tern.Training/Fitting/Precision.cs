using System.Text.Json.Serialization;
using Tern.Torch;

namespace Tern.Training.Fitting;

/// <summary>In what convolutions and matrix products run while training; weights, losses and updates are float32 in any case.</summary>
public enum Precision
{
    /// <summary>bfloat16 where the processor multiplies it in hardware, else float32.</summary>
    Auto,

    /// <summary>Single precision.</summary>
    Float32,

    /// <summary>Half the bits, the range of float32: about twice the speed with hardware for it.</summary>
    BFloat16,
}

internal static class PrecisionExtensions
{
    /// <summary>What auto means on this machine.</summary>
    internal static Precision Resolve(this Precision precision) =>
        precision != Precision.Auto ? precision : HardwareMultipliesBFloat16 ? Precision.BFloat16 : Precision.Float32;

    /// <summary>Opens autocast where it applies, or does nothing.</summary>
    internal static Autocast? Open(this Precision precision) => precision == Precision.BFloat16 ? new Autocast(DType.BFloat16) : null;

    private static bool HardwareMultipliesBFloat16 { get; } =
        File.Exists("/proc/cpuinfo")
        && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal)) is { } flags
        && (flags.Contains("avx512_bf16", StringComparison.Ordinal) || flags.Contains("amx_bf16", StringComparison.Ordinal));
}
