using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>
/// Pow: base and exponent may differ in type, the result has the base's. Computed in double, which holds every float and int32.
/// </summary>
internal static class Power
{
    public static Kernel Build(Node node) => call =>
    {
        OnnxElementType type = call[0].ElementType;
        if (type is not (OnnxElementType.Float or OnnxElementType.Int64 or OnnxElementType.Int32))
            throw call.Fault($"a base of {type}; Float, Int64 and Int32 can be raised");
        if (type == OnnxElementType.Float && call[1] is { ElementType: OnnxElementType.Float } one && Shapes.Count(one.Shape) == 1 && one.Rank <= call[0].Rank)
            return [Raised(call, one.Span<float>()[0])];
        OnnxTensor left = Doubles(call[0]), right = Doubles(call[1]);
        OnnxTensor power = Binary.Run<double, double, Raise>(call, left, right, OnnxElementType.Double);
        return [Cast.To(call, power, type)];
    };

    /// <summary>All to one power.</summary>
    private static OnnxTensor Raised(Call call, float exponent)
    {
        OnnxTensor result = call.Overwrite(0);
        ReadOnlySpan<float> source = call[0].Span<float>();
        Span<float> target = result.Span<float>();
        for (int i = 0; i < target.Length; i++)
            target[i] = (float)Raise.Apply(source[i], exponent);
        return result;
    }

    private static OnnxTensor Doubles(OnnxTensor tensor)
    {
        OnnxTensor result = OnnxTensor.Allocate(OnnxElementType.Double, tensor.Shape);
        Cast.Copy(tensor, result);
        return result;
    }

    private readonly struct Raise : IBinary<double, double>
    {
        public static double Apply(double left, double right) => right == 2 ? left * left : right == 3 ? left * left * left : Math.Pow(left, right);
    }
}
