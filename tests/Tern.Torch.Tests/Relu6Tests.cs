namespace Tern.Torch.Tests;

/// <summary>The operator of our own, against hand values and libtorch's clamp.</summary>
public sealed class Relu6Tests : IDisposable
{
    private const float NaN = float.NaN, Infinity = float.PositiveInfinity;
    private readonly TensorScope scope = new();

    public Relu6Tests() => TorchRuntime.Seed(1);

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.BFloat16)]
    [InlineData(DType.Float64)]                                                              // through libtorch's own operators
    public void Values_and_gradients_by_hand(DType type)
    {
        Tensor x = Tensor.From([-Infinity, -7, -0f, 0, 0.5f, 5.96875f, 6, 6.03125f, Infinity, NaN]).To(type);
        x.RequiresGrad = true;
        Tensor y = x.Relu6();
        Assert.Equal([0, 0, 0, 0, 0.5f, 5.96875f, 6, 6, 6, NaN], Floats(y));
        (y * Tensor.From([1f, 2, 3, 4, 5, 6, 7, 8, 9, 10]).To(type)).Sum().Backward();
        Assert.Equal([0, 0, 0, 0, 5, 6, 0, 0, 0, 0], Floats(x.Gradient!));
    }

    [Theory]
    [InlineData(DType.Float32, MemoryFormat.Contiguous, MemoryFormat.Contiguous)]
    [InlineData(DType.Float32, MemoryFormat.ChannelsLast, MemoryFormat.Contiguous)]          // the gradient comes in another layout
    [InlineData(DType.Float32, MemoryFormat.ChannelsLast, MemoryFormat.ChannelsLast)]
    [InlineData(DType.BFloat16, MemoryFormat.ChannelsLast, MemoryFormat.Contiguous)]
    [InlineData(DType.BFloat16, MemoryFormat.ChannelsLast, MemoryFormat.ChannelsLast)]
    public void It_is_clamp_in_every_layout_and_for_more_elements_than_one_thread_takes(DType type, MemoryFormat format, MemoryFormat incoming)
    {
        Tensor x = (Tensor.RandomNormal(3, 24, 41, 43) * 5).To(type).Contiguous(format), weights = Tensor.RandomNormal(3, 24, 41, 43).To(type);
        foreach (float border in new[] { 0f, 6 }) weights = weights.MaskedFill(x.EqualTo(Tensor.From([border]).To(type)), 0);   // there clamp lets a gradient through
        weights = weights.Contiguous(incoming);
        x.RequiresGrad = true;
        float[][] Run(Func<Tensor, Tensor> activation)
        {
            x.Gradient = null;
            Tensor y = activation(x);
            (y * weights).Sum().Backward();
            return [Floats(y), Floats(x.Gradient!)];
        }
        Assert.Equal(Run(input => input.Clamp(0, 6)), Run(input => input.Relu6()));
    }

    [Fact]
    public void A_view_with_gaps_and_no_elements_at_all_are_taken_too()
    {
        Tensor x = Tensor.From([-1f, 7, 3, 8, 2, 4], 2, 3);
        x.RequiresGrad = true;
        Tensor y = x.Narrow(1, 0, 2).Relu6();
        Assert.Equal([0f, 6, 6, 2], Floats(y));
        y.Sum().Backward();
        Assert.Equal([0f, 0, 0, 0, 1, 0], Floats(x.Gradient!));
        Assert.Empty(Floats(Tensor.Empty([0, 3]).Relu6()));
    }

    [Fact]
    public void Without_gradients_it_works_as_well()
    {
        Tensor outside = Tensor.From([-1f, 7, 2]);
        outside.RequiresGrad = true;
        using (new NoGrad()) Assert.Equal([0f, 6, 2], Floats(outside.Relu6()));
        using (new InferenceMode()) Assert.Equal([0f, 6, 2], Floats(outside.Relu6()));
        using (new InferenceMode()) Assert.Equal([0f, 6, 2], Floats(Tensor.From([-1f, 7, 2]).Relu6()));
    }

    private static float[] Floats(Tensor tensor) => tensor.To(DType.Float32).ToArray<float>();
}
