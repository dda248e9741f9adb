using System.Text.Json.Serialization;
using Tern.Imaging;
using Tern.Training.Models;

namespace Tern.Training.Data;

/// <summary>What to do with a picture that cannot be read.</summary>
public enum BadImagePolicy
{
    /// <summary>Leave it out and count it.</summary>
    Skip,

    /// <summary>Stop, naming it.</summary>
    Fail,
}

/// <summary>The data part of a recipe.</summary>
/// <param name="Path">Folder or list; relative paths start at the recipe's folder.</param>
/// <param name="Height">Pictures are resized to this height...</param>
/// <param name="Width">...and width.</param>
/// <param name="Channels">1 (grey) or 3 (RGB).</param>
/// <param name="Mean">Per channel, of pixels in [0, 1].</param>
/// <param name="Deviation">Per channel, of pixels in [0, 1].</param>
/// <param name="Validation">How many training pictures are held back, evenly over the classes, to choose checkpoints by.</param>
/// <param name="Format">How the data set lies on disk.</param>
/// <param name="Classes">Names for the classes of IDX files, which hold none.</param>
/// <param name="Resize">How a picture of another shape is fitted.</param>
/// <param name="OnBadImage">What to do with a picture that cannot be read.</param>
/// <param name="Pairs">Of faces: the pairs that are reported on. People are then held back as a whole.</param>
public sealed record DataSpec(
    string Path,
    int Height,
    int Width,
    int Channels,
    double[] Mean,
    double[] Deviation,
    int Validation,
    DataFormat Format = DataFormat.Auto,
    string[]? Classes = null,
    ResizePolicy Resize = ResizePolicy.Stretch,
    BadImagePolicy OnBadImage = BadImagePolicy.Skip,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PairsSpec? Pairs = null)
{
    /// <summary>The network's input.</summary>
    [JsonIgnore]
    public ImageShape Shape => new(Height, Width, Channels);

    /// <summary>What is out of range, each as "name: what; got value".</summary>
    public IEnumerable<string> Problems()
    {
        if (Path.Length == 0 || Path.Contains('\0')) yield return $"path: must be a folder or a .csv list; got '{Path.Replace("\0", "\\0")}'";
        if (Height is < 8 or > 1024) yield return $"height: must lie in 8..1024; got {Height}";
        if (Width is < 8 or > 1024) yield return $"width: must lie in 8..1024; got {Width}";
        if (Channels is not (1 or 3)) yield return $"channels: must be 1 or 3; got {Channels}";
        if (Mean.Length != Channels) yield return $"mean: must have a value per channel ({Channels}); got {Mean.Length}";
        if (Deviation.Length != Channels) yield return $"deviation: must have a value per channel ({Channels}); got {Deviation.Length}";
        if (Deviation.Any(value => value <= 0)) yield return $"deviation: must be above 0; got {string.Join(", ", Deviation)}";
        if (Validation < 2) yield return $"validation: must be at least 2; got {Validation}";
        if (Classes is { } names && names.Distinct().Count() < names.Length) yield return $"classes: each name must stand once; got {string.Join(", ", names)}";
        foreach (string problem in Pairs?.Problems() ?? []) yield return $"pairs.{problem}";
        if (Pairs is not null && Format is not (DataFormat.Auto or DataFormat.Faces)) yield return $"format: data.pairs goes with faces; leave format out; got {Format}";
        if (Pairs is not null && Classes is not null) yield return $"classes: people have names of their own; remove it; got {Classes.Length} names";
    }
}
