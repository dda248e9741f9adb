namespace Tern.Imaging;

/// <summary>What happens to the aspect ratio when a picture is fitted to a model's input. A model file names its policy.</summary>
public enum ResizePolicy
{
    /// <summary>Width and height are scaled independently: all of the picture, distorted.</summary>
    Stretch,

    /// <summary>Scaled until it covers the target, then the centre is kept: undistorted, without its borders.</summary>
    Crop,

    /// <summary>Scaled until it fits inside the target, centred on black: all of the picture, undistorted.</summary>
    Pad,
}
