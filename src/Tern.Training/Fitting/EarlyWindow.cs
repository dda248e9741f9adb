using Tern.Torch;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Fitting;

/// <summary>The first epochs see a square window of each picture, at another place in every batch: as large as life, and at the share of the work that the window is of the picture.</summary>
/// <remarks>
/// As progressive resizing (Howard 2018; Tan and Le 2021, arXiv 2104.00298), but cut where they shrink: small pictures have no detail to lose. For networks that take pictures of any size.
/// </remarks>
/// <param name="Epochs">So many at the beginning.</param>
/// <param name="Side">Height and width of the window, in pixels.</param>
public sealed record EarlyWindow(int Epochs, int Side)
{
    /// <summary>What is out of range, each as "name: what; got value".</summary>
    internal IEnumerable<string> Problems(ImageShape shape, int epochs)
    {
        if (Epochs < 1 || Epochs >= epochs) yield return $"epochs: must be at least 1 and below {epochs}, all epochs; got {Epochs}";
        int side = Math.Min(shape.Height, shape.Width);
        if (Side < 1 || Side >= side) yield return $"side: must be at least 1 and below {side}, the picture's; got {Side}";
    }

    /// <summary>What an epoch, the first being 0, sees of a batch [N, C, H, W]: [N, C, side, side], or all of it.</summary>
    internal Tensor Of(Tensor images, int epoch, Randomness random)
    {
        if (epoch >= Epochs) return images;
        int top = random.NextInt((int)images.Shape[2] - Side + 1), left = random.NextInt((int)images.Shape[3] - Side + 1);
        return images.Narrow(2, top, Side).Narrow(3, left, Side).Contiguous(MemoryFormat.ChannelsLast);
    }
}
