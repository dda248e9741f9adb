using System.Runtime.InteropServices;
using static Tern.Torch.Native.NativeMethods;

namespace Tern.Torch;

/// <summary>What belongs to the whole process: version, threads, random state.</summary>
public static class TorchRuntime
{
    /// <summary>The libtorch the shim was built against.</summary>
    public static unsafe string Version => Marshal.PtrToStringUTF8((nint)tern_torch_version())!;

    /// <summary>Threads an operator may use. libtorch starts with 1 on some machines: set it.</summary>
    public static int Threads
    {
        get
        {
            tern_threads(0, out int now);
            return now;
        }
        set => tern_threads(value, out _);
    }

    /// <summary>GPUs this libtorch can use; 0 for a CPU build.</summary>
    public static int CudaDevices
    {
        get
        {
            tern_cuda_devices(out int count);
            return count;
        }
    }

    /// <summary>The state of the CPU's random generator, a byte tensor: read it to save, set it to restore.</summary>
    public static Tensor RandomState
    {
        get
        {
            tern_random_state(0, out nint state);
            return new Tensor(state);
        }
        set
        {
            tern_random_state(value.Handle, out nint state);
            tern_release(state);
            GC.KeepAlive(value);
        }
    }

    /// <summary>Seeds the generators of all devices, as <c>torch.manual_seed</c>.</summary>
    public static void Seed(ulong seed) => tern_seed(seed);
}
