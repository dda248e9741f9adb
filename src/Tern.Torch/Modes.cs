using static Tern.Torch.Native.NativeMethods;

namespace Tern.Torch;

/// <summary>While it lives, this thread records nothing for autograd.</summary>
public sealed class NoGrad : IDisposable
{
    private readonly int before;

    public NoGrad() => tern_grad_mode(0, out before);

    public void Dispose() => tern_grad_mode(before, out _);
}

/// <summary>While it lives, this thread makes tensors that autograd can never follow: the leanest way to run a trained network.</summary>
public sealed class InferenceMode : IDisposable
{
    private readonly nint guard;

    public InferenceMode() => tern_inference_begin(out guard);

    public void Dispose() => tern_inference_end(guard);
}

/// <summary>While it lives, convolutions and matrix products on this thread run in a lower precision; weights stay as they are.</summary>
public sealed class Autocast : IDisposable
{
    private const int Off = -1;
    private readonly Device device;

    public Autocast(DType type, Device? device = null)
    {
        this.device = device ?? Device.Cpu;
        tern_autocast(this.device.Type, (int)type);
    }

    public void Dispose() => tern_autocast(device.Type, Off);
}
