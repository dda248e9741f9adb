using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>Dropout when nothing is dropped: the input itself, and a mask of ones for those who ask.</summary>
internal static class Dropout
{
    public static Kernel Build(Node node)
    {
        node.Real("ratio", 0.5f);
        node.Integer("seed", 0);
        return call =>
        {
            if (call.Optional(2) is { ElementType: OnnxElementType.Bool } training && training.Span<bool>().Contains(true))
                throw call.Fault("training_mode is true; export the model for inference");
            if (node.Outputs.Length < 2)
                return [call[0]];
            OnnxTensor mask = call.New(node.Opset < 10 ? call[0].ElementType : OnnxElementType.Bool, call[0].Shape);
            if (mask.ElementType == OnnxElementType.Bool)
                mask.Span<bool>().Fill(true);
            else
                mask.Span<float>().Fill(1);
            return [call[0], mask];
        };
    }
}
