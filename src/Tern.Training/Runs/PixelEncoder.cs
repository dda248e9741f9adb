using Tern.Encoding;
using Tern.Imaging;
using Tern.Training.Data;

namespace Tern.Training.Runs;

/// <summary>Runs stored pictures through an encoder.</summary>
internal static class PixelEncoder
{
    private const int BatchSize = 512;

    /// <summary>Packed codes, [Count, ceil(K / 8)] bytes, in the store's order.</summary>
    public static byte[] Codes(ImageEncoder encoder, PixelStore store, CancellationToken cancellation, Action<int>? advanced = null)
    {
        int codeBytes = (encoder.Bits + 7) / 8, pictureBytes = store.Shape.Bytes;
        var codes = new byte[store.Count * codeBytes];
        var pixels = new byte[BatchSize * pictureBytes];
        for (int first = 0; first < store.Count; first += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(BatchSize, store.Count - first);
            for (int i = 0; i < count; i++) store[first + i].CopyTo(pixels.AsSpan(i * pictureBytes));
            encoder.Encode(pixels.AsSpan(0, count * pictureBytes), count, [], codes.AsSpan(first * codeBytes, count * codeBytes), []);
            advanced?.Invoke(first + count);
        }
        return codes;
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
