using System.Text;
using Tern.Torch.Native;

namespace Tern.Torch;

/// <summary>One argument of an operator. The conversions let a call read as its schema: <c>Operator.Get("aten::pow.Tensor_Scalar", x, 2)</c>.</summary>
public readonly struct Argument
{
    internal readonly Tag Tag;
    internal readonly long Bits;
    internal readonly object? Reference;

    private Argument(Tag tag, long bits, object? reference = null) => (Tag, Bits, Reference) = (tag, bits, reference);

    /// <summary>Nothing: an optional argument left out.</summary>
    public static Argument None => default;

    public static implicit operator Argument(Tensor? value) => value is null ? default : new(Tag.Tensor, 0, value);
    public static implicit operator Argument(int value) => new(Tag.Int, value);
    public static implicit operator Argument(long value) => new(Tag.Int, value);
    public static implicit operator Argument(double value) => new(Tag.Float, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Argument(bool value) => new(Tag.Bool, value ? 1 : 0);
    public static implicit operator Argument(long[] value) => new(Tag.Ints, 0, value);
    public static implicit operator Argument(Pair value) => new long[] { value.Down, value.Across };
    public static implicit operator Argument(double[] value) => new(Tag.Floats, 0, value);
    public static implicit operator Argument(Tensor?[] value) => new(Tag.Tensors, 0, value);
    public static implicit operator Argument(string value) => new(Tag.String, 0, Encoding.UTF8.GetBytes(value));
    public static implicit operator Argument(DType value) => new(Tag.Int, (int)value);
    public static implicit operator Argument(Device value) => new(Tag.Device, ((long)value.Type << 8) | (byte)value.Index);

    /// <summary>The integer, for those who watch operators (an exporter); ints given as a list count as their first element.</summary>
    internal long AsInt => Reference is long[] list ? list[0] : Bits;

    /// <summary>The number, whichever kind it was given as.</summary>
    internal double AsDouble => Tag == Tag.Float ? BitConverter.Int64BitsToDouble(Bits) : Bits;

    internal Tensor? AsTensor => Reference as Tensor;

    internal int Words => Reference is Array list ? list.Length : 0;
}
