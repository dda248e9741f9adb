using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Descriptors;

/// <summary>SPoC, the mean of each channel: what is everywhere in the picture.</summary>
/// <remarks>
/// Babenko and Lempitsky, ICCV 2015, eq. 1, p = 1 in CGD's eq. 1. Departures: the mean for their sum, the same after normalisation; without their centre prior and whitening, as in CGD.
/// </remarks>
public sealed class Spoc : Layer
{
    protected override Tensor Forward(Tensor map) => map.GlobalAveragePool().Flatten();               // [N, D, h, w] to [N, D]
}
