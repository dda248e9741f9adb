using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Descriptors;

/// <summary>MAC, the largest value of each channel: what is strongest in one place of the picture.</summary>
/// <remarks>Tolias, Sicre and Jégou, ICLR 2016, section 3; p = infinity in CGD's eq. 1. Equal largest values share the gradient.</remarks>
public sealed class Mac : Layer
{
    protected override Tensor Forward(Tensor map) => map.MaxOver(2, 3).Flatten();                     // [N, D, h, w] to [N, D]
}
