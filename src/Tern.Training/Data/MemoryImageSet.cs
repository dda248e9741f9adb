using Tern.Evaluation;
using Tern.Imaging;

namespace Tern.Training.Data;

/// <summary>Pictures of one size in one block of interleaved bytes, a label byte each: what IDX and CIFAR files come down to.</summary>
public sealed class MemoryImageSet(IReadOnlyList<string> classes, string source, int width, int height, int channels, byte[] pixels, byte[] labels)
    : ImageSet(classes, Labels.Single(Array.ConvertAll(labels, label => (int)label)))
{
    public override string Name(int index) => $"{source}#{index}";

    public override Picture Read(int index, int wanted)
    {
        int bytes = width * height * channels;
        return new Picture(width, height, channels, pixels.AsSpan(index * bytes, bytes).ToArray()).ToChannels(wanted);
    }
}
