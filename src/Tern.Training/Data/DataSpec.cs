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

/// <summary>What is held back of the training pictures.</summary>
public enum HoldBack
{
    /// <summary>Pictures of every class, in proportion.</summary>
    Pictures,

    /// <summary>Whole classes, of which nothing is learned.</summary>
    Classes,
}

/// <summary>The data part of a recipe.</summary>
/// <param name="Path">Folder or list; relative paths start at the recipe's folder.</param>
/// <param name="Height">Pictures are resized to this height...</param>
/// <param name="Width">...and width.</param>
/// <param name="Channels">1 (grey) or 3 (RGB).</param>
/// <param name="Mean">Per channel, of pixels in [0, 1].</param>
/// <param name="Deviation">Per channel, of pixels in [0, 1].</param>
/// <param name="Validation">How many training pictures are held back to choose checkpoints by; of whole classes at least so many.</param>
/// <param name="Format">How the data set lies on disk.</param>
/// <param name="Classes">Names for the classes of IDX files, which hold none.</param>
/// <param name="Pairs">Of faces: the pairs that are reported on. Nobody in them is learned from.</param>
/// <param name="Resize">How a picture of another shape is fitted.</param>
/// <param name="OnBadImage">What to do with a picture that cannot be read.</param>
/// <param name="TrainClasses">How many classes of a folder or list are trained on, in the order of their names; all pictures of the others are for testing.</param>
/// <param name="Boxes">Whether pictures are cut to the boxes that come with them.</param>
/// <param name="HoldBack">What is held back; none means whole classes where the test classes are not trained on either, else pictures of every class.</param>
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
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PairsSpec? Pairs = null,
    ResizePolicy Resize = ResizePolicy.Stretch,
    BadImagePolicy OnBadImage = BadImagePolicy.Skip,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? TrainClasses = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Boxes = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] HoldBack? HoldBack = null)
{
    /// <summary>The network's input.</summary>
    public ImageShape Shape => new(Height, Width, Channels);

    /// <summary>What decides which training pictures are held back, but for the seed.</summary>
    public string HeldBack => $"{Validation}{HoldBack}";

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
        if (TrainClasses < 1) yield return $"trainClasses: must be at least 1; got {TrainClasses}";
        if (Classes is { } names && names.Distinct().Count() < names.Length) yield return $"classes: each name must stand once; got {string.Join(", ", names)}";
        foreach (string problem in PairsProblems()) yield return problem;
    }

    private IEnumerable<string> PairsProblems()
    {
        if (Pairs is null) yield break;
        foreach (string problem in Pairs.Problems()) yield return $"pairs.{problem}";
        if (Format is not (DataFormat.Auto or DataFormat.Folder)) yield return $"format: pairs go with a folder of people; leave format out; got {Format}";
        if (Classes is { } names) yield return $"classes: people have names of their own; remove it; got {string.Join(", ", names)}";
        if (TrainClasses is not null) yield return $"trainClasses: the list of pairs decides who is learned from; remove it; got {TrainClasses}";
        if (Boxes) yield return "boxes: a folder of people has none; remove it; got true";
        if (HoldBack is Data.HoldBack.Pictures) yield return "holdBack: people are held back as a whole where pairs are reported on; leave it out; got pictures";
    }
}
