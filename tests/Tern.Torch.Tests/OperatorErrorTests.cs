namespace Tern.Torch.Tests;

/// <summary>Wrong calls come back as exceptions that name the operator and the argument; none reaches libtorch's internals.</summary>
public class OperatorErrorTests
{
    private static string Refused(Action<Tensor> call)
    {
        using var scope = new TensorScope();
        return Assert.Throws<TorchException>(() => call(Tensor.Ones([2, 3]))).Message;
    }

    [Fact]
    public void A_value_of_the_wrong_kind_is_refused_by_name()
    {
        Assert.Equal("aten::add.Tensor: argument 'other' takes Tensor; got a string", Refused(x => Operator.Get("aten::add.Tensor", x, "one")));
        Assert.Contains("argument 'p' takes float; got a tensor", Refused(x => Operator.Get("aten::dropout", x, x, true)));
        Assert.Contains("argument 'self' takes Tensor; got an int", Refused(x => Operator.Get("aten::relu", 3)));
        Assert.Contains("argument 'dim' takes int?; got a float", Refused(x => Operator.Get("aten::argmax", x, 1.5)));
        Assert.Contains("argument 'tensors' takes Tensor[]; got a tensor", Refused(x => Operator.Get("aten::cat", x, 0)));
        Assert.Contains("argument 'size' takes int[]; got floats", Refused(x => Operator.Get("aten::randn", new[] { 1.5 })));
    }

    [Fact]
    public void Missing_and_surplus_arguments_are_refused()
    {
        Assert.Contains("argument 'other' (Tensor) is missing", Refused(x => Operator.Get("aten::mul.Tensor", x)));
        Assert.Contains("aten::relu takes 1 arguments; got 2", Refused(x => Operator.Get("aten::relu", x, x)));
    }

    [Fact]
    public void An_unknown_operator_is_named() => Assert.Contains("aten::no_such_thing", Refused(x => Operator.Get("aten::no_such_thing", x)));

    [Fact]
    public void Shapes_that_do_not_fit_arrive_with_libtorchs_text() =>
        Assert.Contains("must match", Refused(x => Operator.Get("aten::add.Tensor", x, Tensor.Ones([2, 4]))));

    [Fact]
    public void An_operator_of_several_results_is_not_one_tensor() => Assert.Contains("not one tensor", Refused(x => Operator.Get("aten::unbind.int", x)));

    [Fact]
    public void Backward_twice_and_from_no_scalar_are_refused()
    {
        Refused(x => x.Backward());
        Refused(x =>
        {
            x.RequiresGrad = true;
            Tensor sum = (x * x).Sum();
            sum.Backward();
            sum.Backward();
        });
    }

    [Fact]
    public void A_freed_tensor_says_so()
    {
        Tensor x = Tensor.Ones([2]);
        x.Dispose();
        Assert.Contains("TensorScope", Assert.Throws<ObjectDisposedException>(() => x.Relu()).Message);
    }
}
