using Tern.Codes;
using Tern.Encoding;
using Tern.Imaging;

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
    /// <exception cref="TernException">The folder holds something, cannot be written, or the model cannot be read.</exception>
    public static ImageIndex Create(string path, string modelPath, EncoderOptions? options = null)
    {
        ImageEncoder encoder = ImageEncoder.Open(modelPath, options);
        HammingIndex index = HammingIndex.Create(path, encoder.Bits, encoder.ModelIdentity);
        try
        {
            byte[] model = Encoding.ModelFile.ReadBytes(modelPath, (options ?? new EncoderOptions()).MemoryLimit);
            AtomicFile.Write(Path.Combine(path, ModelFile), stream => stream.Write(model));
        }
        catch
        {
            index.Dispose();
            throw;
        }
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
    public static IReadOnlyList<string> Verify(string path)
    {
        List<string> problems = [.. HammingIndex.Verify(path)];
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
        IReadOnlyList<ModelCode> codes = encoder.Encode([.. items.Select(item => item.Picture)]);
        for (int i = 0; i < items.Count; i++) Codes.Add(items[i].Key, codes[i], items[i].Label);
    }

    /// <summary>Makes everything added so far durable.</summary>
    public void Commit() => Codes.Commit();

    /// <summary>The nearest items to a picture, nearest first, ties by id.</summary>
    public IReadOnlyList<SearchResult> Search(Picture picture, SearchOptions? options = null) => Codes.Search(encoder.Encode([picture])[0], options);

    /// <summary>The same, and how they were found.</summary>
    public IndexAnswer Explain(Picture picture, SearchOptions? options = null) => Codes.Explain(encoder.Encode([picture])[0], options);

    /// <summary>Lets the next writer in.</summary>
    public void Dispose() => Codes.Dispose();
}
