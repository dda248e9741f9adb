using Tern.Torch;
using Tern.Training.Data;
using Tern.Training.Export;
using Tern.Training.Models;

namespace Tern.Training.Tests.Export;

public sealed class RefusedExportTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("alpha", "aten::add_.Tensor with argument 2 = 2")]
    [InlineData("foreign", "neither its input nor one of its weights")]
    [InlineData("unknown", "aten::exp, which is not exported")]
    [InlineData("shape", "aten::reshape with [1, 784], and only a shape that begins with -1")]
    public void What_cannot_be_written_is_refused_by_name(string what, string message)
    {
        Tensor unregistered = Tensor.Ones([784]);
        var odd = new FunctionLayer(input => what switch
        {
            "alpha" => input.Flatten().Relu().Add_(input.Flatten(), 2),
            "foreign" => input.Flatten() + unregistered,
            "shape" => input.Reshape(1, 784),
            _ => input.Flatten().Exp(),
        });
        var data = new DataSpec("test", 28, 28, 1, [0.286], [0.353], 2);
        Assert.Contains(message, Assert.Throws<TernException>(() => OnnxExporter.Export(new CodeNetwork(odd, 784, 8, 2), data, new Lineage("test", "recipe", "data", "teacher"))).Message);
    }
}
