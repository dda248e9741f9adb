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
}
