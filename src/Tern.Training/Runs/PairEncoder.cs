using Tern.Codes;
using Tern.Encoding;
using Tern.Evaluation;
using Tern.Imaging;
using Tern.Training.Data;
using Tern.Training.Protocols;

namespace Tern.Training.Runs;

/// <summary>Measures with an encoder how far apart the pictures of pairs are, as a protocol shows them.</summary>
internal static class PairEncoder
{
    /// <summary>Every picture of the store goes through the encoder once, and its mirror image where <paramref name="mirror"/> has it.</summary>
    /// <param name="pairs">By positions in the store.</param>
    /// <param name="advanced">How many passes of pictures are done, of <see cref="Passes"/> times the store's count.</param>
    public static MeasuredPairs Measure(
        ImageEncoder encoder, PixelStore store, IReadOnlyList<VerificationPair> pairs, VerificationProtocol protocol, MirrorUse mirror, CancellationToken cancellation,
        Action<int>? advanced = null)
    {
        EncodedBatch upright = PixelEncoder.All(encoder, store, protocol.Show, cancellation, advanced);
        EncodedBatch? mirrored = mirror == MirrorUse.None
            ? null
            : PixelEncoder.All(encoder, store, picture => Mirrored(protocol.Show(picture)), cancellation, done => advanced?.Invoke(store.Count + done));
        float[] embeddings = MirrorViews.Embeddings(upright.Embedding, mirrored?.Embedding, encoder.EmbeddingSize, mirror);
        PackedCodes codes = MirrorViews.Codes(upright.Hash, mirrored?.Hash, encoder.Bits, mirror);
        int dimensions = mirror == MirrorUse.Concatenate ? 2 * encoder.EmbeddingSize : encoder.EmbeddingSize;
        return new MeasuredPairs(pairs, PairDistances.Cosine(embeddings, dimensions, pairs), PairDistances.Hamming(codes, pairs));
    }

    /// <summary>How often a picture goes through the encoder.</summary>
    public static int Passes(MirrorUse mirror) => mirror == MirrorUse.None ? 1 : 2;

    private static Picture Mirrored(Picture picture)
    {
        int row = picture.Width * picture.Channels;
        var pixels = new byte[picture.Pixels.Length];
        for (int at = 0; at < pixels.Length; at += picture.Channels)
        {
            int start = at / row * row, across = at - start;
            picture.Pixels.Slice(start + row - picture.Channels - across, picture.Channels).CopyTo(pixels.AsSpan(at));
        }
        return new Picture(picture.Width, picture.Height, picture.Channels, pixels);
    }
}
