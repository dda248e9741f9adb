using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>
/// DequantizeLinear of uint8: (x - zero point) * scale, with one scale and zero point, or one for each index of an axis. In our models x is a constant
/// weight, and the floats are made once, when the model is opened.
/// </summary>
internal static class DequantizeLinear
{
    public static Kernel Build(Node node)
    {
        long stated = node.Integer("axis", 1);
        return call =>
        {
            OnnxTensor x = call[0], scale = call[1];
            OnnxTensor? zero = call.Optional(2);
            if (x.ElementType != OnnxElementType.UInt8 || scale.ElementType != OnnxElementType.Float || zero is not null && zero.ElementType != OnnxElementType.UInt8)
                throw call.Fault($"x of {x.ElementType}, scale of {scale.ElementType} and zero point of {zero?.ElementType}; UInt8, Float and UInt8 can be computed with");
            bool whole = scale.Length == 1;
            int axis = whole ? 0 : call.Axis(stated, x.Rank), channels = whole ? 1 : x.Shape[axis];
            if (scale.Length != channels || scale.Rank > 1 || zero is not null && !zero.Shape.SequenceEqual(scale.Shape))
                throw call.Fault($"scale {Shapes.Text(scale.Shape)} and zero point {(zero is null ? "none" : Shapes.Text(zero.Shape))} for {channels} channels");

            OnnxTensor result = call.New(OnnxElementType.Float, x.Shape);
            int block = whole ? x.Length : Shapes.Product(x.Shape, axis + 1, x.Rank);
            ReadOnlySpan<byte> source = x.Span<byte>();
            Span<float> target = result.Span<float>();
            for (int first = 0, channel = 0; first < source.Length; first += block, channel = (channel + 1) % channels)
            {
                float step = scale.Span<float>()[channel];
                int nothing = zero?.Span<byte>()[channel] ?? 0;
                for (int i = first; i < first + block; i++)
                    target[i] = (source[i] - nothing) * step;
            }
            return [result];
        };
    }
}
