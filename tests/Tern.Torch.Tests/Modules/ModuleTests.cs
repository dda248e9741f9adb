using Tern.Torch.Modules;

namespace Tern.Torch.Tests.Modules;

public sealed class ModuleTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void State_dict_names_are_PyTorchs()
    {
        var network = new Sequential(new Conv2d(2, 3, 3, bias: false), new BatchNorm2d(3));
        Assert.Equal(["0.weight", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked"], network.StateDict.Keys);
        Assert.Equal(2 * 3 * 9 + 6, network.ParameterCount);
    }

    [Fact]
    public void Strict_loading_lists_everything_that_does_not_fit()
    {
        var network = new Sequential(new Linear(2, 3));
        var weights = new Dictionary<string, Tensor> { ["0.weight"] = Tensor.Ones([3, 4]), ["extra"] = Tensor.Ones([1]) };
        string message = Assert.Throws<StateDictMismatch>(() => network.Load(weights)).Message;
        Assert.Contains("missing (1): 0.bias", message);
        Assert.Contains("unexpected (1): extra", message);
        Assert.Contains("0.weight: expected [3, 2], got [3, 4]", message);
    }

    [Fact]
    public void Loading_copies_the_values()
    {
        Sequential source = new(new Linear(2, 3)), target = new(new Linear(2, 3));
        target.Load(source.StateDict);
        Tensor x = Tensor.RandomNormal(4, 2);
        Assert.Equal(source[x].ToArray<float>(), target[x].ToArray<float>());
    }

    [Fact]
    public void A_loosely_loaded_module_keeps_what_does_not_fit()
    {
        var network = new Linear(2, 3);
        float[] before = network.Weight.ToArray<float>();
        network.Load(new Dictionary<string, Tensor> { ["weight"] = Tensor.Ones([9, 9]), ["bias"] = Tensor.Ones([3]) }, strict: false);
        Assert.Equal(before, network.Weight.ToArray<float>());
        Assert.Equal([1f, 1f, 1f], network.Bias!.ToArray<float>());
    }

    [Fact]
    public void Channels_last_changes_the_layout_and_nothing_else()
    {
        var network = new Sequential(new Conv2d(3, 4, 3, padding: 1), new BatchNorm2d(4));
        network.Train(false);
        Tensor x = Tensor.RandomNormal(2, 3, 8, 8);
        float[] before = network[x].ToArray<float>();
        network.To(MemoryFormat.ChannelsLast);
        Fixtures.AssertClose(before, network[x.Contiguous(MemoryFormat.ChannelsLast)].ToArray<float>());
    }

    [Fact]
    public void A_kernel_may_have_another_size_down_than_across()
    {
        var across = new Conv2d(1, 1, (1, 3), padding: (0, 1), bias: false);
        Assert.Equal([1L, 1, 1, 3], across.Weight.Shape);
        across.Load(new Dictionary<string, Tensor> { ["weight"] = Tensor.From([1f, 10, 100], 1, 1, 1, 3) });
        Tensor x = Tensor.From([1f, 2, 3, 4, 5, 6], 1, 1, 2, 3), y = across[x];
        Assert.Equal([1L, 1, 2, 3], y.Shape);
        // 0*1 + 1*10 + 2*100, 1*1 + 2*10 + 3*100, 2*1 + 3*10 + 0*100, and the same of the second row.
        Assert.Equal([210f, 321, 32, 540, 654, 65], y.ToArray<float>());
        Assert.Equal([1L, 1, 2, 1], x.Convolve2d(across.Weight, stride: new Pair(1, 3)).Shape);
    }

    [Fact]
    public void Batch_normalisation_adds_its_epsilon_to_the_variance()
    {
        var norm = new BatchNorm2d(1, epsilon: 0.25);
        norm.Train(false);
        Fixtures.AssertClose([2 / MathF.Sqrt(1.25f)], norm[Tensor.From([2f], 1, 1, 1, 1)].ToArray<float>());
    }

    [Fact]
    public void A_trace_holds_the_tensors_of_a_list_in_order()
    {
        Tensor a = Tensor.Ones([1, 2]), b = Tensor.Zeros([1, 3]);
        using var trace = new OperatorTrace();
        Tensor joined = Tensor.Concatenate([b, a], dimension: 1);
        TracedCall call = Assert.Single(trace.Calls);
        Assert.Equal([OperatorTrace.Identify(b), OperatorTrace.Identify(a)], call.Arguments[0].Tensors!);
        Assert.Equal(OperatorTrace.Identify(joined), call.Result);
    }

    [Fact]
    public void A_trace_lists_the_operators_of_a_run()
    {
        var network = new Sequential(new Linear(2, 3), new Linear(3, 1));
        Tensor x = Tensor.Ones([1, 2]);
        using var trace = new OperatorTrace();
        Tensor y = network[x];
        Assert.Equal(["aten::linear", "aten::linear"], trace.Calls.Select(call => call.Name));
        Assert.Equal(OperatorTrace.Identify(x), trace.Calls[0].Arguments[0].Tensor);
        Assert.Equal(trace.Calls[0].Result, trace.Calls[1].Arguments[0].Tensor);
        Assert.Equal(OperatorTrace.Identify(y), trace.Calls[1].Result);
    }
}
