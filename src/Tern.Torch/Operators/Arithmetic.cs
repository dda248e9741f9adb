namespace Tern.Torch;

/// <summary>Arithmetic, comparison and element-wise operators, each as its schema says.</summary>
public sealed partial class Tensor
{
    public static Tensor operator +(Tensor a, Tensor b) => Operator.Get("aten::add.Tensor", a, b);
    public static Tensor operator -(Tensor a, Tensor b) => Operator.Get("aten::sub.Tensor", a, b);
    public static Tensor operator *(Tensor a, Tensor b) => Operator.Get("aten::mul.Tensor", a, b);
    public static Tensor operator /(Tensor a, Tensor b) => Operator.Get("aten::div.Tensor", a, b);
    public static Tensor operator +(Tensor a, double b) => Operator.Get("aten::add.Scalar", a, b);
    public static Tensor operator -(Tensor a, double b) => Operator.Get("aten::sub.Scalar", a, b);
    public static Tensor operator *(Tensor a, double b) => Operator.Get("aten::mul.Scalar", a, b);
    public static Tensor operator /(Tensor a, double b) => Operator.Get("aten::div.Scalar", a, b);
    public static Tensor operator *(double a, Tensor b) => b * a;
    public static Tensor operator -(double a, Tensor b) => Operator.Get("aten::rsub.Scalar", b, a);
    public static Tensor operator -(Tensor a) => Operator.Get("aten::neg", a);

    public Tensor Abs() => Operator.Get("aten::abs", this);
    public Tensor Sign() => Operator.Get("aten::sign", this);
    public Tensor Sqrt() => Operator.Get("aten::sqrt", this);
    public Tensor Exp() => Operator.Get("aten::exp", this);
    public Tensor Log() => Operator.Get("aten::log", this);
    public Tensor Pow(double exponent) => Operator.Get("aten::pow.Tensor_Scalar", this, exponent);
    public Tensor Pow(Tensor exponent) => Operator.Get("aten::pow.Tensor_Tensor", this, exponent);
    public Tensor Reciprocal() => Operator.Get("aten::reciprocal", this);
    public Tensor Round() => Operator.Get("aten::round", this);
    public Tensor Clamp(double minimum, double maximum) => Operator.Get("aten::clamp", this, minimum, maximum);
    public Tensor ClampMin(double minimum) => Operator.Get("aten::clamp_min", this, minimum);

    public Tensor EqualTo(Tensor other) => Operator.Get("aten::eq.Tensor", this, other);
    public Tensor GreaterThan(double value) => Operator.Get("aten::gt.Scalar", this, value);
    public Tensor LessThan(double value) => Operator.Get("aten::lt.Scalar", this, value);
    public Tensor GreaterThan(Tensor other) => Operator.Get("aten::gt.Tensor", this, other);
    public Tensor LessThan(Tensor other) => Operator.Get("aten::lt.Tensor", this, other);
    public Tensor And(Tensor other) => Operator.Get("aten::logical_and", this, other);
    public Tensor Not() => Operator.Get("aten::logical_not", this);
    public Tensor MaskedFill(Tensor mask, double value) => Operator.Get("aten::masked_fill.Scalar", this, mask, value);
    public Tensor Where(Tensor condition, Tensor otherwise) => Operator.Get("aten::where.self", condition, this, otherwise);

    public Tensor Add_(Tensor other, double alpha = 1) => Operator.InPlace("aten::add_.Tensor", this, other, alpha);
    public Tensor Multiply_(double factor) => Operator.InPlace("aten::mul_.Scalar", this, factor);
    public Tensor ClampMin_(double minimum) => Operator.InPlace("aten::clamp_min_", this, minimum);
    public Tensor Fill_(double value) => Operator.InPlace("aten::fill_.Scalar", this, value);
    public Tensor Copy_(Tensor source) => Operator.InPlace("aten::copy_", this, source);
    public Tensor Uniform_(double from, double to) => Operator.InPlace("aten::uniform_", this, from, to);
    public Tensor Normal_(double mean, double deviation) => Operator.InPlace("aten::normal_", this, mean, deviation);
}
