namespace Tern.Torch.Tests;

public class CudaTests
{
    [SkippableFact]
    public void A_gpu_multiplies_as_the_cpu_does()
    {
        Skip.If(TorchRuntime.CudaDevices == 0, "this libtorch sees no CUDA device");
        using var scope = new TensorScope();
        Tensor a = Tensor.RandomNormal(64, 32), b = Tensor.RandomNormal(32, 16);
        Tensor product = a.To(Device.Cuda()).MatrixMultiply(b.To(Device.Cuda()));
        Assert.Equal(Device.Cuda(), product.Device);
        Fixtures.AssertClose(a.MatrixMultiply(b).ToArray<float>(), product.ToArray<float>(), 1e-4);
    }
}
