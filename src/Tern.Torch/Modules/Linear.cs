namespace Tern.Torch.Modules;

/// <summary>y = x W' + b, [N, inputs] to [N, outputs]; the weight is [outputs, inputs].</summary>
public sealed class Linear(int inputs, int outputs, bool bias = true) : WeightedLayer([outputs, inputs], bias)
{
    protected override Tensor Forward(Tensor input) => input.Linear(UsedWeight, Bias);
}
