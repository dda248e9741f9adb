using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>A function without weights as a layer: torchvision counts its activations and pools among the layers of a sequence.</summary>
internal sealed class FunctionLayer(Func<Tensor, Tensor> function) : Layer
{
    /// <summary>ReLU, in place.</summary>
    internal static FunctionLayer Relu() => new(x => x.Relu_());

    protected override Tensor Forward(Tensor input) => function(input);
}
