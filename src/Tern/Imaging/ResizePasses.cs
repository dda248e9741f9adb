using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tern.Imaging;

/// <summary>
/// The two passes of a resize: along each row, rounded to bytes, then down the columns. Sums are 32-bit integers, so vectors of any width
/// and plain loops give the same bytes; without vector hardware the runtime itself runs these in plain code.
/// </summary>
internal static class ResizePasses
{
    private const int Half = 1 << (ResizeWeights.Precision - 1);

    /// <summary>How far the vector loops read and write past a row: buffers are that much longer.</summary>
    private const int Slack = 32;

    /// <summary>
    /// Only as many narrowed rows are kept as one result row needs, in a ring that stays in cache: memory does not grow with the picture.
    /// </summary>
    public static byte[] Run(Picture picture, ResizeWeights columns, ResizeWeights rows)
    {
        int channels = picture.Channels, sourceRow = picture.Width * channels, targetRow = columns.Starts.Length * channels;
        byte[] result = GC.AllocateUninitializedArray<byte>(checked(targetRow * rows.Starts.Length));
        int slots = rows.Counts.Max(), slotSize = targetRow + Slack;
        byte[] source = ArrayPool<byte>.Shared.Rent(sourceRow + columns.Stride * channels + Slack);
        byte[] ring = ArrayPool<byte>.Shared.Rent(checked(slots * slotSize));
        for (int y = 0, next = rows.Starts[0]; y < rows.Starts.Length; y++)
        {
            int start = rows.Starts[y], count = rows.Counts[y];
            for (next = Math.Max(next, start); next < start + count; next++)
            {
                picture.Pixels.Slice(next * sourceRow, sourceRow).CopyTo(source);
                Span<byte> slot = ring.AsSpan(next % slots * slotSize, slotSize);
                if (channels == 3) NarrowRgb(source, slot, columns);
                else NarrowGrey(source, slot, columns);
            }
            Blend(ring, slots, slotSize, start, rows.Weights.AsSpan(y * rows.Stride, count), result.AsSpan(y * targetRow, targetRow));
        }
        ArrayPool<byte>.Shared.Return(source);
        ArrayPool<byte>.Shared.Return(ring);
        return result;
    }

    /// <summary>Two source pixels a step, each spread over the lanes (red, green, blue, nothing).</summary>
    private static void NarrowRgb(byte[] source, Span<byte> target, ResizeWeights columns)
    {
        const byte no = 0xFF;                                                                      // out of range: a zero
        Vector128<byte> first = Vector128.Create(0, no, no, no, 1, no, no, no, 2, no, no, no, no, no, no, no);
        Vector128<byte> second = Vector128.Create(3, no, no, no, 4, no, no, no, 5, no, no, no, no, no, no, no);
        Vector128<byte> pack = Vector128.Create(0, 4, 8, no, no, no, no, no, no, no, no, no, no, no, no, no);
        int taps = columns.Taps;
        for (int i = 0; i < columns.Starts.Length; i++)
        {
            ReadOnlySpan<byte> pixels = source.AsSpan(columns.Starts[i] * 3, taps * 3 + Slack);
            ReadOnlySpan<int> weights = columns.Weights.AsSpan(i * columns.Stride, columns.Stride);
            ref byte pixel = ref MemoryMarshal.GetReference(pixels);
            Vector128<int> even = Vector128.Create(Half), odd = Vector128<int>.Zero;
            for (int t = 0; t < taps; t += 2, pixel = ref Unsafe.Add(ref pixel, 6))
            {
                Vector128<byte> two = Vector128.LoadUnsafe(ref pixel);
                even += Vector128.Shuffle(two, first).AsInt32() * weights[t];
                odd += Vector128.Shuffle(two, second).AsInt32() * weights[t + 1];
            }
            Vector128<int> rounded = Vector128.Min((even + odd) >> ResizeWeights.Precision, Vector128.Create(255));
            BinaryPrimitives.WriteUInt32LittleEndian(target[(i * 3)..], Vector128.Shuffle(rounded.AsByte(), pack).AsUInt32().ToScalar());
        }
    }

    /// <summary>Eight source pixels a step, summed across the lanes at the end.</summary>
    private static void NarrowGrey(byte[] source, Span<byte> target, ResizeWeights columns)
    {
        for (int i = 0; i < columns.Starts.Length; i++)
        {
            ReadOnlySpan<byte> pixels = source.AsSpan(columns.Starts[i], columns.Stride);
            ReadOnlySpan<int> weights = columns.Weights.AsSpan(i * columns.Stride, columns.Stride);
            Vector256<int> sum = Vector256<int>.Zero;
            for (int t = 0; t < columns.Taps; t += ResizeWeights.Group)
            {
                Vector128<byte> eight = Vector128.CreateScalar(BinaryPrimitives.ReadUInt64LittleEndian(pixels[t..])).AsByte();
                Vector256<int> wide = Vector256.WidenLower(Vector128.WidenLower(eight).ToVector256Unsafe()).AsInt32();
                sum += wide * Vector256.Create(weights.Slice(t, ResizeWeights.Group));
            }
            target[i] = (byte)Math.Min(255, (Vector256.Sum(sum) + Half) >> ResizeWeights.Precision);
        }
    }

    /// <summary>One result row: the weighted sum of the ring's rows from <paramref name="start"/> on.</summary>
    private static void Blend(byte[] ring, int slots, int slotSize, int start, ReadOnlySpan<int> weights, Span<byte> target)
    {
        int first = start % slots, x = 0;
        for (; x <= target.Length - Vector128<byte>.Count; x += Vector128<byte>.Count)
        {
            Vector256<int> low = Vector256.Create(Half), high = low;
            for (int t = 0, slot = first; t < weights.Length; t++, slot = slot + 1 == slots ? 0 : slot + 1)
            {
                Vector128<byte> pixels = Vector128.Create(ring.AsSpan(slot * slotSize + x, Vector128<byte>.Count));
                Vector256<int> weight = Vector256.Create(weights[t]);
                Vector256<ushort> wide = Vector256.WidenLower(pixels.ToVector256Unsafe());
                low += Vector256.WidenLower(wide).AsInt32() * weight;
                high += Vector256.WidenUpper(wide).AsInt32() * weight;
            }
            Narrow(low, high).CopyTo(target[x..]);
        }
        for (; x < target.Length; x++)
        {
            int sum = Half;
            for (int t = 0, slot = first; t < weights.Length; t++, slot = slot + 1 == slots ? 0 : slot + 1)
                sum += ring[slot * slotSize + x] * weights[t];
            target[x] = (byte)Math.Min(255, sum >> ResizeWeights.Precision);
        }
    }

    private static Vector128<byte> Narrow(Vector256<int> low, Vector256<int> high)
    {
        Vector256<int> most = Vector256.Create(255);
        low = Vector256.Min(low >> ResizeWeights.Precision, most);
        high = Vector256.Min(high >> ResizeWeights.Precision, most);
        Vector256<short> shorts = Vector256.Narrow(low, high);
        return Vector128.Narrow(shorts.GetLower(), shorts.GetUpper()).AsByte();
    }
}
