using Tern.Encoding;
using Tern.Imaging;
using Tern.Training.Data;

namespace Tern.Training.Runs;

/// <summary>What a model made of stored pictures, in their order.</summary>
/// <param name="Codes">Packed, [Count, ceil(K / 8)] bytes.</param>
/// <param name="Embeddings">[Count, D]; null where nobody asked for them.</param>
internal sealed record EncodedPixels(byte[] Codes, float[]? Embeddings);

/// <summary>Runs stored pictures through an encoder.</summary>
internal static class PixelEncoder
{
    private const int BatchSize = 512;

    /// <summary>Every picture of the stores, one store after the other.</summary>
    public static EncodedPixels Encode(ImageEncoder encoder, PixelStore[] stores, bool withEmbeddings, CancellationToken cancellation, Action<int>? advanced = null)
    {
        int total = stores.Sum(store => store.Count), codeBytes = (encoder.Bits + 7) / 8, width = withEmbeddings ? encoder.EmbeddingSize : 0, done = 0;
        var codes = new byte[total * codeBytes];
        float[]? embeddings = withEmbeddings ? new float[checked(total * width)] : null;
        foreach (PixelStore store in stores)
        {
            int pictureBytes = store.Shape.Bytes;
            var pixels = new byte[BatchSize * pictureBytes];
            for (int first = 0; first < store.Count; first += BatchSize)
            {
                cancellation.ThrowIfCancellationRequested();
                int count = Math.Min(BatchSize, store.Count - first);
                for (int i = 0; i < count; i++) store[first + i].CopyTo(pixels.AsSpan(i * pictureBytes));
                encoder.Encode(pixels.AsSpan(0, count * pictureBytes), count, [], codes.AsSpan(done * codeBytes, count * codeBytes), embeddings.AsSpan(done * width, count * width));
                done += count;
                advanced?.Invoke(done);
            }
        }
        return new EncodedPixels(codes, embeddings);
    }

    /// <summary>Hash layer [Count, K], codes and embeddings [Count, D], of each picture as <paramref name="show"/> makes it: of the same size.</summary>
    public static EncodedBatch All(ImageEncoder encoder, PixelStore store, Func<Picture, Picture> show, CancellationToken cancellation, Action<int>? advanced = null)
    {
        int codeBytes = (encoder.Bits + 7) / 8, pictureBytes = store.Shape.Bytes;
        var all = new EncodedBatch(new float[store.Count * encoder.Bits], new byte[store.Count * codeBytes], new float[store.Count * encoder.EmbeddingSize]);
        var pixels = new byte[BatchSize * pictureBytes];
        for (int first = 0; first < store.Count; first += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(BatchSize, store.Count - first);
            for (int i = 0; i < count; i++)
                show(new Picture(store.Shape.Width, store.Shape.Height, store.Shape.Channels, store[first + i].ToArray())).Pixels.CopyTo(pixels.AsSpan(i * pictureBytes));
            encoder.Encode(
                pixels.AsSpan(0, count * pictureBytes), count, all.Hash.AsSpan(first * encoder.Bits, count * encoder.Bits), all.Codes.AsSpan(first * codeBytes, count * codeBytes),
                all.Embedding.AsSpan(first * encoder.EmbeddingSize, count * encoder.EmbeddingSize));
            advanced?.Invoke(first + count);
        }
        return all;
    }
}
