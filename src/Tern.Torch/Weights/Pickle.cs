using System.Buffers.Binary;
using System.Text;

namespace Tern.Torch.Weights;

/// <summary>A name the pickle refers to, such as <c>torch.FloatStorage</c>. It is never looked up or run.</summary>
internal sealed record PickleGlobal(string Name);

/// <summary>
/// The part of Python's pickle format (protocol 2) that <c>torch.save</c> writes for a dictionary of tensors. Calls become calls of
/// <paramref name="call"/> and persistent ids calls of <paramref name="persistent"/>; nothing else can happen.
/// </summary>
internal sealed class Pickle(byte[] bytes, Func<string, object?[], object?> call, Func<object?[], object?> persistent)
{
    private static readonly object Mark = new();
    private readonly Stack<object?> stack = new();
    private readonly Dictionary<int, object?> memo = [];
    private int position;

    /// <summary>Runs to the STOP opcode and returns the one object left. Throws <see cref="FormatException"/> on an opcode outside the part.</summary>
    public object? Read()
    {
        while (true)
        {
            byte opcode = Byte();
            if (opcode == '.') return stack.Pop();
            Run(opcode);
        }
    }

    private void Run(byte opcode)
    {
        switch (opcode)
        {
            case 0x80: Byte(); break;                                                       // PROTO
            case (byte)'(': stack.Push(Mark); break;
            case (byte)'}' or 0x8f: stack.Push(new Dictionary<object, object?>()); break;   // EMPTY_DICT, EMPTY_SET
            case (byte)']': stack.Push(new List<object?>()); break;
            case (byte)')': stack.Push(Array.Empty<object?>()); break;
            case (byte)'N': stack.Push(null); break;
            case 0x88: stack.Push(true); break;
            case 0x89: stack.Push(false); break;
            case (byte)'K': stack.Push((long)Byte()); break;
            case (byte)'M': stack.Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case (byte)'J': stack.Push((long)Int32()); break;
            case 0x8a: stack.Push(Long(Byte())); break;
            case (byte)'G': stack.Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case (byte)'X': stack.Push(Encoding.UTF8.GetString(Take(Int32()))); break;
            case 0x8c: stack.Push(Encoding.UTF8.GetString(Take(Byte()))); break;
            case (byte)'U': stack.Push(Encoding.Latin1.GetString(Take(Byte()))); break;
            case (byte)'c': stack.Push(new PickleGlobal($"{Line()}.{Line()}")); break;
            case (byte)'q': memo[Byte()] = stack.Peek(); break;
            case (byte)'r': memo[Int32()] = stack.Peek(); break;
            case (byte)'h': stack.Push(memo[Byte()]); break;
            case (byte)'j': stack.Push(memo[Int32()]); break;
            case (byte)'t': stack.Push(PopToMark()); break;
            case 0x85: stack.Push(Pop(1)); break;
            case 0x86: stack.Push(Pop(2)); break;
            case 0x87: stack.Push(Pop(3)); break;
            case (byte)'Q': stack.Push(persistent((object?[])stack.Pop()!)); break;
            case (byte)'R': Reduce(); break;
            case (byte)'s': SetItems(Pop(2)); break;
            case (byte)'u': SetItems(PopToMark()); break;
            case (byte)'a': Append([stack.Pop()]); break;
            case (byte)'e': Append(PopToMark()); break;
            case (byte)'b': stack.Pop(); break;                                             // BUILD: attributes such as _metadata, not needed
            default: throw new FormatException($"pickle opcode 0x{opcode:x2} at byte {position - 1} is not one that tensors need");
        }
    }

    private void Reduce()
    {
        object?[] arguments = (object?[])stack.Pop()!;
        stack.Push(call(((PickleGlobal)stack.Pop()!).Name, arguments));
    }

    private void SetItems(object?[] pairs)
    {
        var target = (Dictionary<object, object?>)stack.Peek()!;
        for (int i = 0; i + 1 < pairs.Length; i += 2) target[pairs[i]!] = pairs[i + 1];
    }

    private void Append(object?[] items) => ((List<object?>)stack.Peek()!).AddRange(items);

    private object?[] Pop(int count)
    {
        var items = new object?[count];
        while (count-- > 0) items[count] = stack.Pop();
        return items;
    }

    private object?[] PopToMark()
    {
        var items = new List<object?>();
        for (object? item = stack.Pop(); item != Mark; item = stack.Pop()) items.Add(item);
        items.Reverse();
        return [.. items];
    }

    private byte Byte() => Take(1)[0];

    private int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    private long Long(int length)
    {
        if (length > sizeof(long)) throw new FormatException($"an integer of {length} bytes");
        ReadOnlySpan<byte> little = Take(length);
        long value = length > 0 && (sbyte)little[^1] < 0 ? -1 : 0;
        for (int i = length - 1; i >= 0; i--) value = (value << 8) | little[i];
        return value;
    }

    private string Line()
    {
        int end = Array.IndexOf(bytes, (byte)'\n', position);
        if (end < 0) throw new FormatException("the pickle ends in the middle of a name");
        return Encoding.UTF8.GetString(Take(end + 1 - position)[..^1]);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || position + count > bytes.Length) throw new FormatException("the pickle ends too early");
        position += count;
        return bytes.AsSpan(position - count, count);
    }
}
