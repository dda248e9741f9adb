using Tern.Encoding.Graphs;

namespace Tern.Encoding;

/// <summary>
/// A Tern model: pixels in, code, hash and embedding out. Opened once, safe to use from several threads at once. The model normalises
/// pixels itself; what it wants of a picture beforehand is its size and <see cref="Resize"/>.
/// </summary>
public sealed partial class ImageEncoder
{
    // Images that go through the model together: enough to fill the kernels, few enough that what lies between two layers stays in cache.
    private const int BlockSize = 16;
    private readonly OnnxSession session;
    private readonly int threads;
    private readonly int imageLength;
    private readonly int codeLength;
    private readonly int[] outputOrder;

    private ImageEncoder(string path, EncoderOptions options)
    {
        session = OnnxSession.Open(path, options);
        threads = options.Threads ?? Environment.ProcessorCount;
        if (threads < 1)
            throw new TernException($"{threads} threads; at least one is needed.");
        if (Metadata.GetValueOrDefault("tern.format") != "1")
            throw new TernException($"{path}: not a Tern model of format 1: its tern.format is "
                + $"'{Metadata.GetValueOrDefault("tern.format")}'. Run other ONNX models with OnnxSession.");
        if (!int.TryParse(Metadata.GetValueOrDefault("tern.bits"), out int bits) || bits < 1)
            throw new TernException(
                $"{path}: its tern.bits is '{Metadata.GetValueOrDefault("tern.bits")}'; a number of bits was expected.");
        if (session.Inputs is not [{ Name: "image", ElementType: OnnxElementType.UInt8,
            Shape: [null, int height, int width, 1 or 3] shape }]
            || height < 1 || width < 1 || (long)height * width > 1 << 28)
            throw new TernException($"{path}: a Tern model has one input, image UInt8 [?, height, width, 1 or 3]; "
                + $"this one has {string.Join(", ", session.Inputs.Select(input => $"{input.Name} {input}"))}.");
        (Bits, Height, Width, Channels) = (bits, height, width, shape[3]!.Value);
        codeLength = (bits + 7) / 8;
        imageLength = height * width * Channels;
        outputOrder = Array.ConvertAll(new[] { "hash", "code", "embedding" }, name => Output(path, name));
        EmbeddingSize = CheckOutputs(path);
        _ = Resize;                                                                       // refused here, not at the first picture
    }

    /// <summary>Opens a Tern model, <c>.onnx</c> or <c>.onnx.br</c>, and runs it once on a black image, so that what it gives is known to fit what it says.</summary>
    /// <exception cref="TernException">The file cannot be read, is damaged, is not supported, or is not a Tern model.</exception>
    public static ImageEncoder Open(string path, EncoderOptions? options = null) => new(path, options ?? new EncoderOptions());

    /// <summary>K, the length of a code in bits.</summary>
    public int Bits { get; }

    /// <summary>D, the length of an embedding.</summary>
    public int EmbeddingSize { get; }

    /// <summary>The width in pixels of the images the model takes.</summary>
    public int Width { get; }

    /// <summary>The height in pixels of the images the model takes.</summary>
    public int Height { get; }

    /// <summary>1 for grey images, 3 for red, green, blue.</summary>
    public int Channels { get; }

    /// <summary>64 hexadecimal digits that identify the model; an index remembers the model of its codes by them.</summary>
    public string ModelIdentity => session.Identity;

    /// <summary>What the file says of itself: tern.network, tern.recipe, tern.data, tern.teacher and the rest.</summary>
    public IReadOnlyDictionary<string, string> Metadata => session.Metadata;

    /// <summary>Encodes images into new arrays.</summary>
    /// <param name="images">[count, Height, Width, Channels], one byte a value.</param>
    /// <param name="count">N, the number of images.</param>
    public EncodedBatch Encode(ReadOnlyMemory<byte> images, int count)
    {
        var batch = new EncodedBatch(new float[count * Bits], new byte[count * codeLength], new float[count * EmbeddingSize]);
        Encode(images.Span, count, batch.Hash, batch.Codes, batch.Embedding);
        return batch;
    }

    /// <summary>Encodes images into memory of the caller's, whose lengths must be exact.</summary>
    /// <param name="images">[count, Height, Width, Channels], one byte a value.</param>
    /// <param name="count">N, the number of images.</param>
    /// <param name="hash">[N, Bits], or empty when not wanted.</param>
    /// <param name="code">[N, ceil(Bits/8)], or empty when not wanted.</param>
    /// <param name="embedding">[N, EmbeddingSize], or empty when not wanted.</param>
    /// <exception cref="TernException">A length is wrong; the message says which should be what.</exception>
    public unsafe void Encode(ReadOnlySpan<byte> images, int count, Span<float> hash, Span<byte> code, Span<float> embedding)
    {
        RequireLength("images", images.Length, count, imageLength);
        RequireLength("hash", hash.Length, hash.IsEmpty ? 0 : count, Bits);
        RequireLength("code", code.Length, code.IsEmpty ? 0 : count, codeLength);
        RequireLength("embedding", embedding.Length, embedding.IsEmpty ? 0 : count, EmbeddingSize);

        // Spans cannot cross into other threads; what they point to is held still until the blocks are done.
        fixed (byte* pixels = images, codes = code)
        fixed (float* hashes = hash, embeddings = embedding)
        {
            var target = new Target((nint)pixels, (nint)hashes, (nint)codes, (nint)embeddings);
            int perThread = (count + threads - 1) / threads, blockSize = Math.Clamp(perThread, 1, BlockSize);
            int blocks = (count + blockSize - 1) / blockSize;
            void Run(int block) => EncodeBlock(target, block * blockSize, Math.Min(blockSize, count - block * blockSize));
            if (threads == 1 || blocks <= 1)
            {
                for (int block = 0; block < blocks; block++)
                    Run(block);
            }
            else
                RunParallel(blocks, Run);
        }
    }

    private readonly record struct Target(nint Images, nint Hash, nint Code, nint Embedding);

    private void RunParallel(int blocks, Action<int> run)
    {
        try
        {
            Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threads }, run);
        }
        catch (AggregateException several) when (several.InnerExceptions.OfType<TernException>().FirstOrDefault() is { } first)
        {
            throw new TernException(first.Message, several);
        }
    }

    private unsafe void EncodeBlock(Target target, int first, int count)
    {
        OnnxTensor input = OnnxTensor.Allocate(OnnxElementType.UInt8, [count, Height, Width, Channels]);
        new ReadOnlySpan<byte>((byte*)target.Images + (nint)first * imageLength, count * imageLength).CopyTo(input.Bytes);
        Workspace workspace = session.Borrow();
        OnnxTensor[] outputs = session.Run(workspace, input);
        Copy(outputs[outputOrder[0]], target.Hash, first, count, Bits * sizeof(float));
        Copy(outputs[outputOrder[1]], target.Code, first, count, codeLength);
        Copy(outputs[outputOrder[2]], target.Embedding, first, count, EmbeddingSize * sizeof(float));
        Plan.Release(outputs, workspace);
        session.Return(workspace);
    }

    private static unsafe void Copy(OnnxTensor output, nint target, int first, int count, int bytesEach)
    {
        if (target != 0)
            output.Bytes[..(count * bytesEach)].CopyTo(new Span<byte>((byte*)target + (nint)first * bytesEach, count * bytesEach));
    }

    private int Output(string path, string name)
    {
        for (int i = 0; i < session.Outputs.Count; i++)
        {
            if (session.Outputs[i].Name == name)
                return i;
        }
        throw new TernException($"{path}: a Tern model has outputs hash, code and embedding; "
            + $"this one has {string.Join(", ", session.Outputs.Select(output => output.Name))}.");
    }

    /// <summary>Runs two black images, compares what comes out with what the file says, and returns the length of an embedding.</summary>
    private int CheckOutputs(string path)
    {
        const int images = 2;
        OnnxTensor black = OnnxTensor.Allocate(OnnxElementType.UInt8, [images, Height, Width, Channels]);
        black.Bytes.Clear();
        Workspace workspace = session.Borrow();
        OnnxTensor[] outputs = session.Run(workspace, black);
        (OnnxTensor hash, OnnxTensor code, OnnxTensor embedding) =
            (outputs[outputOrder[0]], outputs[outputOrder[1]], outputs[outputOrder[2]]);
        Require("hash", hash, OnnxElementType.Float, Bits);
        Require("code", code, OnnxElementType.UInt8, codeLength);
        Require("embedding", embedding, OnnxElementType.Float, embedding.Rank == 2 ? Math.Max(embedding.Shape[1], 1) : 1);
        int size = embedding.Shape[1];
        Plan.Release(outputs, workspace);
        session.Return(workspace);
        return size;

        void Require(string name, OnnxTensor output, OnnxElementType type, int length)
        {
            if (output.ElementType != type || !output.Shape.SequenceEqual([images, length]))
                throw new TernException($"{path}: for {images} images and {Bits} bits its {name} is {output.ElementType} "
                    + $"{Shapes.Text(output.Shape)}; {type} [{images}, {length}] was expected.");
        }
    }

    private static void RequireLength(string what, int length, int count, int each)
    {
        if (count < 0 || length != (long)count * each)
            throw new TernException($"{what}: {count} x {each} values were expected; got {length}.");
    }
}
