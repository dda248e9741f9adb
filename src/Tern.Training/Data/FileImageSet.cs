using Tern.Imaging;

namespace Tern.Training.Data;

/// <summary>Pictures in files of their own: what an image folder or a CSV list comes down to.</summary>
public sealed class FileImageSet(IReadOnlyList<string> classes, IReadOnlyList<(string Path, int Label)> files) : ImageSet(classes)
{
    public override int Count => files.Count;

    public override int Label(int index) => files[index].Label;

    public override string Name(int index) => files[index].Path;

    public override Picture Read(int index, int channels) => ImageDecoder.Open(files[index].Path, channels);
}
