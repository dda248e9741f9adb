using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tern.Torch.Native;
using static Tern.Torch.Native.NativeMethods;

namespace Tern.Torch;

/// <summary>
/// An ATen operator, looked up once by its schema name, such as <c>aten::pow.Tensor_Scalar</c>. Trailing arguments take the schema's
/// defaults. A wrong number or kind of argument is refused by name, and every C++ exception arrives as <see cref="TorchException"/>.
/// </summary>
public sealed class Operator
{
    private static readonly ConcurrentDictionary<string, Operator> Known = new();
    private readonly nint handle;

    private Operator(string name)
    {
        Name = name;
        int dot = name.IndexOf('.');
        tern_find_operator(dot < 0 ? name : name[..dot], dot < 0 ? "" : name[(dot + 1)..], out handle);
    }

    /// <summary>The schema name it was found by.</summary>
    public string Name { get; }

    /// <summary>The schema as libtorch prints it.</summary>
    public string Schema
    {
        get
        {
            tern_schema(handle);
            return Message;
        }
    }

    public static implicit operator Operator(string name) => Known.TryGetValue(name, out var known) ? known : Known.GetOrAdd(name, n => new Operator(n));

    /// <summary>Calls an operator that makes one tensor.</summary>
    public static unsafe Tensor Get(Operator op, params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        int made = op.Call(arguments, &result, room: 1);
        if (made != 1 || result.Tag != Tag.Tensor) throw new TorchException($"{op.Schema} makes {made} values, not one tensor");
        var tensor = new Tensor(result.Pointer);
        OperatorTrace.Current?.Record(op.Name, arguments, tensor);
        return tensor;
    }

    /// <summary>Calls an operator for its effect on its first argument, which is returned.</summary>
    public static unsafe Tensor InPlace(Operator op, Tensor target, params ReadOnlySpan<Argument> others)
    {
        Argument[] arguments = [target, .. others];
        op.Call(arguments, null, room: 0);
        OperatorTrace.Current?.Record(op.Name, arguments, target);
        return target;
    }

    /// <summary>Calls an operator and drops what it returns.</summary>
    public static unsafe void Do(Operator op, params ReadOnlySpan<Argument> arguments) => op.Call(arguments, null, room: 0);

    /// <summary>Calls an operator that makes a number (int, float or bool).</summary>
    public static unsafe double Number(Operator op, params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        op.Call(arguments, &result, room: 1);
        return result.Tag switch
        {
            Tag.Float => result.Real,
            Tag.Int or Tag.Bool => result.Integer,
            _ => throw new TorchException($"{op.Schema} does not make a number"),
        };
    }

    /// <summary>Calls an operator that makes several tensors, lists flattened.</summary>
    public static unsafe Tensor[] Many(Operator op, params ReadOnlySpan<Argument> arguments)
    {
        const int Room = 8;
        NativeValue* first = stackalloc NativeValue[Room];
        int made = op.Call(arguments, first, Room);
        var all = new NativeValue[made];
        new ReadOnlySpan<NativeValue>(first, Math.Min(made, Room)).CopyTo(all);
        if (made > Room)
            fixed (NativeValue* rest = all)
                tern_results(rest);
        return Array.ConvertAll(all, value => new Tensor(value.Pointer));
    }

    [SkipLocalsInit]
    private unsafe int Call(ReadOnlySpan<Argument> arguments, NativeValue* results, int room)
    {
        NativeValue* values = stackalloc NativeValue[arguments.Length];
        int words = 0;
        foreach (ref readonly Argument argument in arguments) words += argument.Words;
        long[]? heap = words > 512 ? new long[words] : null;
        long* stack = stackalloc long[heap is null ? words : 0];
        int made;
        fixed (long* pinned = heap)
        {
            Lower(arguments, values, heap is null ? stack : pinned);
            tern_call(handle, values, arguments.Length, results, room, &made);
        }
        foreach (ref readonly Argument argument in arguments) GC.KeepAlive(argument.Reference);
        return made;
    }

    /// <summary>Writes each argument as a native value; lists and strings go to <paramref name="scratch"/>, a word an element.</summary>
    private static unsafe void Lower(ReadOnlySpan<Argument> arguments, NativeValue* values, long* scratch)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            ref readonly Argument argument = ref arguments[i];
            values[i] = new NativeValue { Tag = argument.Tag, Integer = argument.Bits };
            if (argument.Reference is Tensor tensor)
            {
                values[i].Pointer = tensor.Handle;
                continue;
            }
            if (argument.Reference is null) continue;

            int count = argument.Words;
            values[i].Pointer = (nint)scratch;
            values[i].Count = count;
            var room = new Span<long>(scratch, count);
            switch (argument.Reference)
            {
                case long[] integers: integers.CopyTo(room); break;
                case double[] reals: MemoryMarshal.Cast<double, long>(reals).CopyTo(room); break;
                case byte[] text: text.CopyTo(MemoryMarshal.AsBytes(room)); break;
                case Tensor?[] tensors:
                    for (int k = 0; k < count; k++) room[k] = tensors[k]?.Handle ?? 0;
                    break;
            }
            scratch += count;
        }
    }
}
