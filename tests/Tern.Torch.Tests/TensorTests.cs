namespace Tern.Torch.Tests;

public class TensorTests
{
    [Fact]
    public void Operators_compute_what_their_names_say()
    {
        using var scope = new TensorScope();
        Tensor a = Tensor.From([1f, 2f, 3f, 4f], 2, 2), b = Tensor.From([10f, 20f, 30f, 40f], 2, 2);
        Assert.Equal([11f, 22f, 33f, 44f], (a + b).ToArray<float>());
        Assert.Equal([70f, 100f, 150f, 220f], a.MatrixMultiply(b).ToArray<float>());     // 1*10+2*30, 1*20+2*40, 3*10+4*30, 3*20+4*40
        Assert.Equal([9f, 8f, 7f, 6f], (10 - a).ToArray<float>());
        Assert.Equal(2.5, a.Mean().Item());
        Assert.Equal([3f, 7f], a.Sum(1).ToArray<float>());
        Assert.Equal([1L, 1L], a.ArgMax(1).ToArray<long>());
        Assert.Equal([1f, 2f], a.Narrow(0, 0, 1).ToArray<float>());
        Assert.Equal([1f, 3f, 2f, 4f], a.Transpose().ToArray<float>());
    }

    [Fact]
    public void Gradients_flow_to_leaves()
    {
        using var scope = new TensorScope();
        Tensor x = Tensor.From([3f, -2f]);
        x.RequiresGrad = true;
        (x * x * 2).Sum().Backward();                                                     // d(2 x^2)/dx = 4x
        Assert.Equal([12f, -8f], x.Gradient!.ToArray<float>());
    }

    [Fact]
    public void What_a_gradient_was_computed_from_may_be_kept_for_another()
    {
        using var scope = new TensorScope();
        Tensor x = Tensor.From([3f]);
        x.RequiresGrad = true;
        Tensor square = x * x, fourth = square * square;
        square.BackwardKeeping();
        Assert.Equal([6f], x.Gradient!.ToArray<float>());                                        // 2x
        x.Gradient = null;
        fourth.Backward();
        Assert.Equal([108f], x.Gradient!.ToArray<float>());                                      // 4x^3
        Assert.Throws<TorchException>(fourth.Backward);
    }

    [Fact]
    public void No_gradient_is_recorded_without_grad()
    {
        using var scope = new TensorScope();
        Tensor x = Tensor.Ones([2]);
        x.RequiresGrad = true;
        using (new NoGrad()) Assert.False((x * 2).RequiresGrad);
        using (new InferenceMode()) Assert.False((x * 2).RequiresGrad);
        Assert.True((x * 2).RequiresGrad);
    }

    [Fact]
    public void Autocast_multiplies_in_bfloat16_and_stops_when_disposed()
    {
        using var scope = new TensorScope();
        Tensor x = Tensor.Ones([2, 2]);
        using (new Autocast(DType.BFloat16)) Assert.Equal(DType.BFloat16, x.MatrixMultiply(x).DType);
        Assert.Equal(DType.Float32, x.MatrixMultiply(x).DType);
    }

    [Fact]
    public void A_restored_random_state_repeats_its_numbers()
    {
        using var scope = new TensorScope();
        TorchRuntime.Seed(5);
        Tensor state = TorchRuntime.RandomState;
        float[] first = Tensor.RandomNormal(8).ToArray<float>();
        Assert.NotEqual(first, Tensor.RandomNormal(8).ToArray<float>());
        TorchRuntime.RandomState = state;
        Assert.Equal(first, Tensor.RandomNormal(8).ToArray<float>());
    }

    [Fact]
    public void Threads_can_be_set()
    {
        int before = TorchRuntime.Threads;
        TorchRuntime.Threads = 2;
        Assert.Equal(2, TorchRuntime.Threads);
        TorchRuntime.Threads = before;
    }

    [Fact]
    public void Elements_are_read_only_as_what_they_are()
    {
        using var scope = new TensorScope();
        Assert.Throws<TorchException>(() => Tensor.Ones([2]).ToArray<long>());
        Assert.Throws<TorchException>(() => Tensor.Ones([2, 3]).Transpose().Span<float>()[0]);
        Assert.Throws<TorchException>(() => Tensor.From([1f, 2f, 3f], 2, 2));
    }
}
