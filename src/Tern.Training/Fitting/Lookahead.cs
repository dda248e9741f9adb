using Tern.Torch;
using Tern.Torch.Modules;

namespace Tern.Training.Fitting;

/// <summary>Lookahead as a recipe names it.</summary>
/// <param name="Every">Steps between two returns.</param>
/// <param name="Hold">How much of themselves the slow weights keep at the end of training, 0 to 1.</param>
public sealed record LookaheadSpec(int Every = 5, double Hold = LookaheadSpec.PublishedHold)
{
    private const double PublishedHold = 0.774;                               // 0.95^5, as published

    internal Lookahead Build(Module network) => new(this, network);

    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public IEnumerable<string> Problems()
    {
        if (Every < 1) yield return $"every: must be at least 1, in steps; got {Every}";
        if (Hold is < 0 or >= 1) yield return $"hold: must be at least 0 and below 1; got {Hold}";
    }
}

/// <summary>
/// Slow weights that follow the trained ones, which return to them every few steps: slow = h slow + (1 - h) fast; fast = slow. Running statistics go along.
/// </summary>
/// <remarks>Zhang et al. 2019 (arXiv 1907.08610), with the schedule of Jordan 2024 (arXiv 2404.00498), 3.4: h grows with the third power of the part of training that is done.</remarks>
internal sealed class Lookahead
{
    private readonly LookaheadSpec spec;
    private readonly (Tensor Slow, Tensor Fast)[] weights;

    public Lookahead(LookaheadSpec spec, Module network)
    {
        this.spec = spec;
        KeyValuePair<string, Tensor>[] moving = [.. network.StateDict.Where(named => named.Value.DType is DType.Float32 or DType.Float64)];
        weights = Array.ConvertAll(moving, named => (named.Value.Detach().Clone(), named.Value));
        State = moving.Zip(weights).ToDictionary(pair => $"slow.{pair.First.Key}", pair => pair.Second.Slow);
    }

    /// <summary>What a checkpoint must hold.</summary>
    public IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>To be called after each step; <paramref name="step"/> counts from 0.</summary>
    public void Step(long step, long steps)
    {
        if ((step + 1) % spec.Every != 0) return;
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        double follow = 1 - spec.Hold * Math.Pow((step + 1) / (double)steps, 3);
        foreach ((Tensor slow, Tensor fast) in weights)
        {
            slow.Add_((fast - slow) * follow);
            fast.Copy_(slow);
        }
    }
}
