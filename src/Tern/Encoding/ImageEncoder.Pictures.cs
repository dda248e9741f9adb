using Tern.Codes;
using Tern.Imaging;

namespace Tern.Encoding;

public sealed partial class ImageEncoder
{
    /// <summary>How a picture of another shape is brought to the model's size.</summary>
    public ResizePolicy Resize => Enum.TryParse(Metadata.GetValueOrDefault("tern.resize", "stretch"), ignoreCase: true, out ResizePolicy policy)
        ? policy
        : throw new TernException($"the model's tern.resize is '{Metadata["tern.resize"]}'; known are stretch, crop and pad");

    /// <summary>Encodes pictures of any size and channels: each is resized as the model says, then encoded with the others.</summary>
    public IReadOnlyList<ModelCode> Encode(IReadOnlyList<Picture> pictures)
    {
        int codeBytes = (Bits + 7) / 8;
        var codes = new byte[pictures.Count * codeBytes];
        Encode(Fitted(pictures), pictures.Count, [], codes, []);
        return [.. Enumerable.Range(0, pictures.Count).Select(i => new ModelCode(BinaryCode.FromBytes(codes.AsSpan(i * codeBytes, codeBytes), Bits), ModelIdentity))];
    }

    /// <summary>The same, with everything the model says of them.</summary>
    public EncodedBatch EncodeAll(IReadOnlyList<Picture> pictures) => Encode(Fitted(pictures), pictures.Count);

    private byte[] Fitted(IReadOnlyList<Picture> pictures)
    {
        int pictureBytes = Width * Height * Channels;
        var pixels = new byte[pictures.Count * pictureBytes];
        for (int i = 0; i < pictures.Count; i++)
            Resizer.Fit(pictures[i].ToChannels(Channels), Width, Height, Resize).Pixels.CopyTo(pixels.AsSpan(i * pictureBytes));
        return pixels;
    }
}
