using System.Diagnostics;
using Tern.Torch.Modules;
using Tern.Torch.Optimizers;

namespace Tern.Torch.Tests;

public class TensorScopeTests
{
    [Fact]
    public void A_scope_frees_what_it_made_and_hands_on_what_is_kept()
    {
        long before = Tensor.Live;
        Tensor kept;
        using (new TensorScope())
        {
            using (var inner = new TensorScope()) kept = inner.Keep(Tensor.Ones([2]) + Tensor.Ones([2]));
            Assert.Equal(before + 1, Tensor.Live);
            Assert.Equal([2f, 2f], kept.ToArray<float>());
        }
        Assert.Equal(before, Tensor.Live);
        Assert.True(kept.IsClosed);
    }

    [Fact]
    public void Native_memory_is_flat_over_a_thousand_training_steps()
    {
        Resident();                                                                       // other tests' leavings are finalised here, not below
        long live = Tensor.Live;
        var network = new Sequential(new Conv2d(3, 16, 3, padding: 1), new BatchNorm2d(16), new Conv2d(16, 8, 3));
        var optimizer = new Adam(network.Parameters, 1e-3);
        for (int i = 0; i < 100; i++) Step(network, optimizer);                           // the allocator and libtorch's caches settle

        long tensors = Tensor.Live, resident = Resident();
        for (int i = 0; i < 1000; i++) Step(network, optimizer);
        optimizer.ZeroGradients();
        Assert.InRange(Tensor.Live, 0, tensors);                                          // fewer: an earlier test's leavings were finalised meanwhile
        // A leak of one activation a step ([8, 16, 32, 32] floats) would be 512 MiB; allow 32 MiB for the runtime's own.
        Assert.InRange(Resident() - resident, long.MinValue, 32L << 20);

        network.Free();
        foreach (Tensor state in optimizer.State.Values) state.Dispose();
        Assert.InRange(Tensor.Live, 0, live);
    }

    private static void Step(Sequential network, Optimizer optimizer)
    {
        using var step = new TensorScope();
        optimizer.ZeroGradients();
        network[Tensor.RandomNormal(8, 3, 32, 32)].Pow(2).Mean().Backward();
        optimizer.Step();
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
