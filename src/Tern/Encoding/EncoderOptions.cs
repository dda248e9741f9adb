namespace Tern.Encoding;

/// <summary>How a model is run.</summary>
/// <param name="Threads">How many threads share the images of a batch; null for one per processor. A single image uses one.</param>
/// <param name="MemoryLimit">The most bytes each thread may hold for values between input and output. A model or image that needs more is
/// refused, and so is a compressed model that expands to more.</param>
public sealed record EncoderOptions(int? Threads = null, long MemoryLimit = 1L << 30)
{
    /// <summary>Run ternary layers by their function body, as another runtime would. For comparison in tests.</summary>
    internal bool InlineTernary { get; init; }
}
