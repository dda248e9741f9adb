using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Training.Fitting;

namespace Tern.Training.Tests.Fitting;

public sealed class LookaheadTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    /// <summary>Four steps of +1 on every weight, returning every two, hold 0.5. h is 0.5 (2/4)^3 = 0.0625, then 0.5.</summary>
    [Fact]
    public void Weights_return_to_their_slow_copy_as_by_hand()
    {
        var network = new BatchNorm2d(2);
        Lookahead lookahead = new LookaheadSpec(Every: 2, Hold: 0.5).Build(network);
        float[] seen = new float[4];
        using var noGrad = new NoGrad();
        for (int step = 0; step < 4; step++)
        {
            network.StateDict["weight"].Add_(Tensor.From([1f, 1f]));
            network.StateDict["running_mean"].Add_(Tensor.From([1f, 1f]));
            lookahead.Step(step, 4);
            seen[step] = network.StateDict["weight"].ToArray<float>()[0];
        }
        Assert.Equal([2, 2.875f, 3.875f, 3.875f], seen);                      // 1/16 of 1 and 15/16 of 3; half of 2.875 and half of 4.875
        Assert.Equal(2.875f, network.StateDict["running_mean"].ToArray<float>()[1]);
        Assert.Equal(["slow.bias", "slow.running_mean", "slow.running_var", "slow.weight"], lookahead.State.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(seen[3], lookahead.State["slow.weight"].ToArray<float>()[0]);
    }

    [Fact]
    public void Values_out_of_range_are_told()
    {
        Assert.Equal(["every: must be at least 1, in steps; got 0", "hold: must be at least 0 and below 1; got 1"], new LookaheadSpec(0, 1).Problems());
        Assert.Empty(new LookaheadSpec().Problems());
    }
}
