using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Models;

/// <summary>Layers beside one another, named branch0, branch1, ...: what they make of one input [N, C, H, W], joined along the channels.</summary>
internal class Branches : Layer
{
    private readonly Layer[] branches;

    public Branches(params Layer[] branches)
    {
        this.branches = branches;
        for (int i = 0; i < branches.Length; i++) Add($"branch{i}", branches[i]);
    }

    protected override Tensor Forward(Tensor input) => Tensor.Concatenate(Array.ConvertAll(branches, branch => branch[input]), dimension: 1);
}
