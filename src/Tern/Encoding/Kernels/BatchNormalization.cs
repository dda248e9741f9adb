using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>BatchNormalization with its running statistics: one factor and one addend a channel. After a Conv it is merged away.</summary>
internal static class BatchNormalization
{
    /// <summary>y = Scale * x + Shift, by channel.</summary>
    internal sealed record Affine(float[] Scale, float[] Shift)
    {
        /// <summary>The factors of a node whose parameters are all constant, else null.</summary>
        public static Affine? Read(Node node) => Enumerable.Range(1, 4).All(i => node.Constant(i) is { ElementType: OnnxElementType.Float })
            ? Of(node, [.. node.Constants.Skip(1)!]) : null;

        /// <param name="node">For epsilon and messages.</param>
        /// <param name="parameters">scale, bias, mean and variance, each [C].</param>
        public static Affine Of(Node node, OnnxTensor[] parameters)
        {
            double epsilon = node.Real("epsilon", 1e-5f);
            int channels = parameters[0].Length;
            if (Array.Exists(parameters, parameter => parameter.Length != channels))
                throw node.Fault($"scale, bias, mean and variance differ in length: {string.Join(", ", parameters.Select(p => p.Length))}");
            var (scale, shift) = (new float[channels], new float[channels]);
            for (int c = 0; c < channels; c++)
            {
                double factor = parameters[0].Span<float>()[c] / Math.Sqrt(parameters[3].Span<float>()[c] + epsilon);
                scale[c] = (float)factor;
                shift[c] = (float)(parameters[1].Span<float>()[c] - parameters[2].Span<float>()[c] * factor);
            }
            return new Affine(scale, shift);
        }
    }

    public static Kernel Build(Node node)
    {
        node.Real("momentum", 0.9f); // Matters in training only.
        node.Real("epsilon", 1e-5f);
        if (node.Flag("training_mode", false) || !node.Flag("spatial", true))
            throw node.Fault("training_mode = 1 and spatial = 0 are not supported; export the model for inference");
        Affine? known = Affine.Read(node);
        return call =>
        {
            call.RequireFloat(0, 1, 2, 3, 4);
            return [Run(call, known ?? Affine.Of(node, [call[1], call[2], call[3], call[4]]), node.Clamp)];
        };
    }

    private static OnnxTensor Run(Call call, Affine affine, Clamp clamp)
    {
        OnnxTensor input = call[0];
        if (input.Rank < 2 || input.Shape[1] != affine.Scale.Length)
            throw call.Fault($"input {Shapes.Text(input.Shape)} for {affine.Scale.Length} channels");
        OnnxTensor result = call.Overwrite(0);
        int channels = input.Shape[1], pixels = Shapes.Product(input.Shape, 2, input.Rank);
        for (int plane = 0; plane < input.Shape[0] * channels; plane++)
        {
            float scale = affine.Scale[plane % channels], shift = affine.Shift[plane % channels];
            Span<float> source = input.Span<float>().Slice(plane * pixels, pixels);
            Span<float> target = result.Span<float>().Slice(plane * pixels, pixels);
            for (int i = 0; i < target.Length; i++)
                target[i] = clamp.Apply(source[i] * scale + shift);
        }
        return result;
    }
}
