using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>Constant, its value in one of five attributes, and ConstantOfShape, one value over a computed shape.</summary>
internal static class Constant
{
    public static Kernel Build(Node node)
    {
        OnnxTensor?[] stated =
        [
            node.Tensor("value"),
            node.Reals("value_floats") is { } reals ? OnnxTensor.Create<float>(reals, reals.Length) : null,
            node.Integers("value_ints") is { } integers ? OnnxTensor.Create<long>(integers, integers.Length) : null,
            node.Real("value_float", float.NaN) is var real && !float.IsNaN(real) ? OnnxTensor.Create<float>([real]) : null,
            node.Integer("value_int", long.MinValue) is var integer and not long.MinValue ? OnnxTensor.Create<long>([integer]) : null,
        ];
        OnnxTensor value = stated.OfType<OnnxTensor>().FirstOrDefault() ?? throw node.Fault("it has no value we can read");
        return _ => [value];
    }

    public static Kernel BuildOfShape(Node node)
    {
        OnnxTensor value = node.Tensor("value") ?? OnnxTensor.Create<float>([0], 1);
        if (value.Length != 1)
            throw node.Fault($"its value has shape {Shapes.Text(value.Shape)}; one element was expected");
        return call =>
        {
            long[] stated = call.Integers(0);
            if (Array.Exists(stated, extent => extent is < 0 or > int.MaxValue))
                throw call.Fault($"a shape of [{string.Join(", ", stated)}]");
            OnnxTensor result = call.New(value.ElementType, Array.ConvertAll(stated, extent => (int)extent));
            ReadOnlySpan<byte> one = value.Bytes;
            Span<byte> target = result.Bytes;
            for (int at = 0; at < target.Length; at += one.Length)
                one.CopyTo(target[at..]);
            return [result];
        };
    }
}
