using Tern.Encoding;
using Tern.Training.Data;

namespace Tern.Training.Runs;

/// <summary>Runs stored pictures through an encoder.</summary>
internal static class PixelEncoder
{
    private const int BatchSize = 512;

    /// <summary>Packed codes, [Count, ceil(K / 8)] bytes, in the store's order.</summary>
    public static byte[] Codes(ImageEncoder encoder, PixelStore store, CancellationToken cancellation, Action<int>? advanced = null)
    {
        int each = (encoder.Bits + 7) / 8;
        var codes = new byte[store.Count * each];
        InBatches(store, cancellation, (pixels, first, count) => encoder.Encode(pixels.Span, count, [], codes.AsSpan(first * each, count * each), []), advanced);
        return codes;
    }

    /// <summary>Float embeddings, [Count, D], in the store's order.</summary>
    public static float[] Embeddings(ImageEncoder encoder, PixelStore store, CancellationToken cancellation, Action<int>? advanced = null)
    {
        int each = encoder.EmbeddingSize;
        var embeddings = new float[checked(store.Count * each)];
        InBatches(store, cancellation, (pixels, first, count) => encoder.Encode(pixels.Span, count, [], [], embeddings.AsSpan(first * each, count * each)), advanced);
        return embeddings;
    }

    /// <summary>Hands over pixels, where they begin and how many pictures they are.</summary>
    private static void InBatches(PixelStore store, CancellationToken cancellation, Action<ReadOnlyMemory<byte>, int, int> encode, Action<int>? advanced)
    {
        int pictureBytes = store.Shape.Bytes;
        var pixels = new byte[BatchSize * pictureBytes];
        for (int first = 0; first < store.Count; first += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(BatchSize, store.Count - first);
            for (int i = 0; i < count; i++) store[first + i].CopyTo(pixels.AsSpan(i * pictureBytes));
            encode(pixels.AsMemory(0, count * pictureBytes), first, count);
            advanced?.Invoke(first + count);
        }
    }
}
