using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace Tern.Torch.Native;

/// <summary>The C ABI of native/tern_torch.h, in its order. A failed call throws <see cref="TorchException"/>: the check is in the signature.</summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "tern_torch";

    static NativeMethods() => ProcessSettings.Apply();

    [LibraryImport(Library)] internal static partial byte* tern_message();
    [LibraryImport(Library)] internal static partial byte* tern_torch_version();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_find_operator(string name, string overload, out nint found);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_schema(nint op);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_call(nint op, NativeValue* arguments, int count, NativeValue* results, int room, int* made);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_results(NativeValue* results);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_retain(nint tensor, out nint again);

    [LibraryImport(Library)] internal static partial int tern_release(nint tensor);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_info(nint tensor, TensorInfo* info);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_data(nint tensor, out void* data);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_backward(nint root);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_gradient(nint tensor, out nint gradient);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_set_gradient(nint tensor, nint gradient);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_grad_mode(int enabled, out int before);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_inference_begin(out nint guard);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_inference_end(nint guard);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_autocast(int deviceType, int dtype);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_seed(ulong seed);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_random_state(nint replacement, out nint state);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_threads(int count, out int now);

    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(ThrowOnFailure))]
    internal static partial Status tern_cuda_devices(out int count);

    internal static string Message => Marshal.PtrToStringUTF8((nint)tern_message())!;
}

/// <summary>What a native call returns: nothing, or an exception.</summary>
internal readonly struct Status;

[CustomMarshaller(typeof(Status), MarshalMode.ManagedToUnmanagedOut, typeof(ThrowOnFailure))]
internal static class ThrowOnFailure
{
    public static Status ConvertToManaged(int code) => code == 0 ? default : throw new TorchException(NativeMethods.Message);
}
