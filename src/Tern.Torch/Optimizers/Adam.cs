namespace Tern.Torch.Optimizers;

/// <summary>Adam (Kingma and Ba 2015) and, with <c>decoupled</c>, AdamW (Loshchilov and Hutter 2019), as <c>torch.optim</c> computes them.</summary>
/// <remarks>m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p -= rate m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + epsilon).
/// Weight decay adds to the gradient, or when decoupled shrinks p by rate * decay first. Departure: t counts the steps of all parameters together,
/// which differs only for a parameter that has a gradient in some steps and none in others.</remarks>
public sealed class Adam : Optimizer
{
    private readonly double beta1, beta2, epsilon, weightDecay;
    private readonly bool decoupled;
    private readonly Tensor[] mean, square;
    private readonly Tensor step;

    public Adam(Tensor[] parameters, double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, bool decoupled = false)
        : base(parameters, learningRate)
    {
        (this.beta1, this.beta2, this.epsilon, this.weightDecay, this.decoupled) = (beta1, beta2, epsilon, weightDecay, decoupled);
        (mean, square, step) = (Slots("mean"), Slots("square"), Number("step"));
    }

    protected override void Update(int[] moved, Tensor[] gradients)
    {
        Tensor[] parameters = At(moved, Parameters), mean = At(moved, this.mean), square = At(moved, this.square);
        double t = ++step.Span<double>()[0];
        if (weightDecay != 0 && decoupled) Operator.Do("aten::_foreach_mul_.Scalar", parameters, 1 - LearningRate * weightDecay);
        if (weightDecay != 0 && !decoupled) Operator.Do("aten::_foreach_add_.List", gradients, parameters, weightDecay);

        Operator.Do("aten::_foreach_mul_.Scalar", mean, beta1);
        Operator.Do("aten::_foreach_add_.List", mean, gradients, 1 - beta1);
        Operator.Do("aten::_foreach_mul_.Scalar", square, beta2);
        Operator.Do("aten::_foreach_addcmul_.Scalar", square, gradients, gradients, 1 - beta2);

        Tensor[] denominator = Operator.Many("aten::_foreach_sqrt", [square]);
        Operator.Do("aten::_foreach_div_.Scalar", denominator, Math.Sqrt(1 - Math.Pow(beta2, t)));
        Operator.Do("aten::_foreach_add_.Scalar", denominator, epsilon);
        Operator.Do("aten::_foreach_addcdiv_.Scalar", parameters, mean, denominator, -LearningRate / (1 - Math.Pow(beta1, t)));
    }
}
