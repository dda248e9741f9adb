namespace Tern.Torch.Optimizers;

/// <summary>Stochastic gradient descent with momentum, as <c>torch.optim.SGD</c> (dampening 0).</summary>
/// <remarks>g += decay p; v = momentum v + g; p -= rate v, or with Nesterov p -= rate (g + momentum v).</remarks>
public sealed class Sgd : Optimizer
{
    private readonly double momentum, weightDecay;
    private readonly bool nesterov;
    private readonly Tensor[] velocity;

    public Sgd(Tensor[] parameters, double learningRate, double momentum = 0.9, double weightDecay = 0, bool nesterov = false) : base(parameters, learningRate)
    {
        (this.momentum, this.weightDecay, this.nesterov) = (momentum, weightDecay, nesterov);
        velocity = Slots("velocity");
    }

    protected override void Update(int[] moved, Tensor[] gradients)
    {
        Tensor[] parameters = At(moved, Parameters), velocity = At(moved, this.velocity);
        if (weightDecay != 0) Operator.Do("aten::_foreach_add_.List", gradients, parameters, weightDecay);
        Operator.Do("aten::_foreach_mul_.Scalar", velocity, momentum);
        Operator.Do("aten::_foreach_add_.List", velocity, gradients, 1);
        if (nesterov) Operator.Do("aten::_foreach_add_.List", gradients, velocity, momentum);
        Operator.Do("aten::_foreach_add_.List", parameters, nesterov ? gradients : velocity, -LearningRate);
    }
}
