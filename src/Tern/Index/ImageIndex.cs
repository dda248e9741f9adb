using Tern.Codes;
using Tern.Durability;
using Tern.Encoding;
using Tern.Imaging;
using Tern.Search;

namespace Tern.Index;

/// <summary>
/// Search by picture: an index folder together with a copy of the model its codes come from (<c>model.onnx</c>). Whoever has the folder can search it.
/// </summary>
public sealed class ImageIndex : IDisposable
{
    /// <summary>The model's name within the folder.</summary>
    public const string ModelFile = "model.onnx";

    private readonly ImageEncoder encoder;

    private ImageIndex(HammingIndex index, ImageEncoder encoder) => (Codes, this.encoder) = (index, encoder);

    /// <summary>The codes themselves.</summary>
    public HammingIndex Codes { get; }

    /// <summary>The model that makes codes of pictures.</summary>
    public ImageEncoder Encoder => encoder;

    /// <summary>Makes an empty index in a new or empty folder, and opens it for writing.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="modelPath">The model to encode with.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="descriptors">How to keep what the model says of a picture before it becomes a code, for searches that re-rank; null: not at all.</param>
    /// <exception cref="TernException">The folder holds something, cannot be written, or the model cannot be read.</exception>
    public static ImageIndex Create(string path, string modelPath, EncoderOptions? options = null, DescriptorPrecision? descriptors = null)
    {
        ImageEncoder encoder = ImageEncoder.Open(modelPath, options);
        byte[] model = Encoding.ModelFile.ReadBytes(modelPath, (options ?? new EncoderOptions()).MemoryLimit);
        DescriptorShape? shape = descriptors is { } precision ? new DescriptorShape(encoder.EmbeddingSize, precision) : null;
        HammingIndex index = HammingIndex.Create(path, encoder.Bits, encoder.ModelIdentity, shape, null, new CompanionFile(ModelFile, model));
        return new ImageIndex(index, encoder);
    }

    /// <summary>Opens an index folder with the model in it.</summary>
    /// <exception cref="TernException">It is missing, damaged, written by someone else right now, or its model is not the one its codes come from.</exception>
    public static ImageIndex Open(string path, IndexOptions? options = null, EncoderOptions? encoding = null)
    {
        HammingIndex index = HammingIndex.Open(path, options);
        try
        {
            ImageEncoder encoder = ImageEncoder.Open(Path.Combine(path, ModelFile), encoding);
            index.RequireModel(encoder.ModelIdentity);
            return new ImageIndex(index, encoder);
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>Reads every file of an index again, the model included, and says what is wrong, one line each; nothing if it is sound.</summary>
    public static IReadOnlyList<string> Verify(string path, CancellationToken cancellation = default)
    {
        List<string> problems = [.. HammingIndex.Verify(path, cancellation)];
        try
        {
            ImageEncoder encoder = ImageEncoder.Open(Path.Combine(path, ModelFile));
            if (problems.Count == 0)
            {
                using HammingIndex index = HammingIndex.Open(path);
                index.RequireModel(encoder.ModelIdentity);
            }
        }
        catch (TernException problem)
        {
            problems.Add(problem.Message);
        }
        return problems;
    }

    /// <summary>Adds pictures under their keys; nothing is kept until <see cref="Commit"/>.</summary>
    public void Add(IReadOnlyList<(string Key, string? Label, Picture Picture)> items)
    {
        PictureRecord[] records = [.. items.Select(item => new PictureRecord(item.Key, item.Picture) { Label = item.Label })];
        Add(records);
    }

    /// <summary>The same, with attributes.</summary>
    public void Add(IReadOnlyList<PictureRecord> items)
    {
        EncodedBatch batch = encoder.EncodeAll([.. items.Select(item => item.Picture)]);
        int codeBytes = batch.Codes.Length / Math.Max(items.Count, 1);
        for (int i = 0; i < items.Count; i++)
            Codes.Add(new CodeRecord(items[i].Key, BinaryCode.FromBytes(batch.Codes.AsSpan(i * codeBytes, codeBytes), encoder.Bits))
            {
                Label = items[i].Label,
                Attributes = items[i].Attributes,
                Descriptor = Codes.Descriptor is null ? default : batch.Embedding.AsMemory(i * encoder.EmbeddingSize, encoder.EmbeddingSize),
                ModelIdentity = encoder.ModelIdentity,
            });
    }

    /// <summary>Makes everything added so far durable.</summary>
    public void Commit() => Codes.Commit();

    /// <summary>The nearest items to a picture, nearest first, ties by id.</summary>
    public IReadOnlyList<SearchResult> Search(Picture picture, SearchOptions? options = null, CancellationToken cancellation = default) => Explain(picture, options, cancellation).Results;

    /// <summary>The same without waiting.</summary>
    public Task<IReadOnlyList<SearchResult>> SearchAsync(Picture picture, SearchOptions? options = null, CancellationToken cancellation = default) =>
        Task.Run(() => Search(picture, options, cancellation), cancellation);

    /// <summary>The same, and how they were found. A search that re-ranks needs no descriptor: the picture gives it.</summary>
    public IndexAnswer Explain(Picture picture, SearchOptions? options = null, CancellationToken cancellation = default)
    {
        if (options?.RerankAmong is null)
            return Codes.Explain(encoder.Encode([picture])[0], options, cancellation);
        EncodedBatch query = encoder.EncodeAll([picture]);
        return Codes.Explain(BinaryCode.FromBytes(query.Codes, encoder.Bits), options with { Descriptor = query.Embedding }, cancellation);
    }

    /// <summary>Lets the next writer in.</summary>
    public void Dispose() => Codes.Dispose();
}

/// <summary>A picture as it is given to an index.</summary>
/// <param name="Key">The caller's name for it.</param>
/// <param name="Picture">Its pixels.</param>
public sealed record PictureRecord(string Key, Picture Picture)
{
    /// <summary>Its label, or several joined by |; null for none.</summary>
    public string? Label { get; init; }

    /// <summary>A small JSON object that filters may ask about; null for none.</summary>
    public string? Attributes { get; init; }
}
