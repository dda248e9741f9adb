using Tern.Encoding;
using Tern.Imaging;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Runs;

/// <summary>Runs stored pictures through an encoder.</summary>
internal static class PixelEncoder
{
    private const int BatchSize = 512;

    /// <summary>Every picture of the stores, one store after the other: codes [N, ceil(K / 8)] and, where asked for, embeddings [N, D], otherwise empty.</summary>
    public static EncodedBatch Encode(ImageEncoder encoder, PixelStore[] stores, bool withEmbeddings, CancellationToken cancellation, Action<int>? advanced = null)
    {
        EncodedBatch all = Room(encoder, stores.Sum(store => store.Count), withHash: false, withEmbeddings);
        int done = 0;
        foreach (PixelStore store in stores)
        {
            Fill(encoder, store, (i, pixels) => store[i].CopyTo(pixels), all, done, cancellation, advanced);
            done += store.Count;
        }
        return all;
    }

    /// <summary>Hash layer [N, K], codes and embeddings of each picture as <paramref name="show"/> makes it: of the same size.</summary>
    public static EncodedBatch All(ImageEncoder encoder, PixelStore store, Func<Picture, Picture> show, CancellationToken cancellation, Action<int>? advanced = null)
    {
        EncodedBatch all = Room(encoder, store.Count, withHash: true, withEmbeddings: true);
        ImageShape shape = store.Shape;
        Fill(encoder, store, (i, pixels) => show(new Picture(shape.Width, shape.Height, shape.Channels, store[i].ToArray())).Pixels.CopyTo(pixels), all, 0, cancellation, advanced);
        return all;
    }

    private static EncodedBatch Room(ImageEncoder encoder, int count, bool withHash, bool withEmbeddings) => new(
        withHash ? new float[checked(count * encoder.Bits)] : [], new byte[count * CodeBytes(encoder)], withEmbeddings ? new float[checked(count * encoder.EmbeddingSize)] : []);

    /// <summary>The pictures of one store into <paramref name="all"/>, from <paramref name="start"/> on.</summary>
    private static void Fill(ImageEncoder encoder, PixelStore store, ReadPixels read, EncodedBatch all, int start, CancellationToken cancellation, Action<int>? advanced)
    {
        int pictureBytes = store.Shape.Bytes;
        var pixels = new byte[BatchSize * pictureBytes];
        for (int first = 0; first < store.Count; first += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(BatchSize, store.Count - first), at = start + first;
            for (int i = 0; i < count; i++) read(first + i, pixels.AsSpan(i * pictureBytes, pictureBytes));
            Span<T> Part<T>(T[] values, int width) => values.Length == 0 ? [] : values.AsSpan(at * width, count * width);
            encoder.Encode(pixels.AsSpan(0, count * pictureBytes), count, Part(all.Hash, encoder.Bits), Part(all.Codes, CodeBytes(encoder)), Part(all.Embedding, encoder.EmbeddingSize));
            advanced?.Invoke(at + count);
        }
    }

    private static int CodeBytes(ImageEncoder encoder) => (encoder.Bits + 7) / 8;

    private delegate void ReadPixels(int picture, Span<byte> pixels);
}
