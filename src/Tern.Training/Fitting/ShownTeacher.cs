using System.Security.Cryptography;
using Tern.Torch;
using Tern.Torch.Weights;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Fitting;

/// <summary>What some other network says of the pictures, in files: docs/formats.md.</summary>
/// <param name="Shown">A .safetensors file of <c>embedding</c> [M, D] and, for terms that compare classifiers, <c>logits</c> [M, C].</param>
/// <param name="Names">A text file of M lines: the picture of each row, as a path below the data set.</param>
public sealed record ShownSpec(string Shown, string Names)
{
    /// <summary>SHA-256 of both files. Throws <see cref="TernException"/> when one cannot be read.</summary>
    public string Hash()
    {
        byte[] both = [.. HashOf("shown", Shown), .. HashOf("names", Names)];
        return Convert.ToHexStringLower(SHA256.HashData(both));
    }

    private static byte[] HashOf(string key, string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return SHA256.HashData(stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"teacher.{key}: {path} cannot be read: {error.Message.TrimEnd('.')}", error);
        }
    }
}

/// <summary>A teacher that is not run: what it said of each picture, as it is, lies in a file. It has no hash layer, and a classifier only where the file has logits.</summary>
public sealed class ShownTeacher : ITeacher
{
    private const string Embedding = "embedding", Logits = "logits";

    private readonly Tensor embedding;
    private readonly Tensor? logits;
    private readonly long[] rows;

    private ShownTeacher(Tensor embedding, Tensor? logits, long[] rows) => (this.embedding, this.logits, this.rows) = (embedding, logits, rows);

    public int Features => (int)embedding.Shape[1];

    /// <summary>
    /// Reads both files. Throws <see cref="TernException"/> where a picture of <paramref name="store"/> has no row, where files and data do not fit each other,
    /// and where logits are missing although <paramref name="forWhat"/> names something that compares them.
    /// </summary>
    /// <param name="data">The data set's folder or list; names are relative to the folder, or to the one that the list lies in.</param>
    public static ShownTeacher Open(ShownSpec spec, PixelStore store, string data, string? forWhat)
    {
        IReadOnlyDictionary<string, Tensor> tensors = Read(spec.Shown);
        string[] names = ReadLines(spec.Names);
        Tensor Matrix(string name, int? columns)
        {
            if (!tensors.TryGetValue(name, out Tensor? found)) throw new TernException($"teacher.shown: {spec.Shown} has no tensor '{name}'{(name == Logits ? $", which {forWhat} compares" : "")}; it has {string.Join(", ", tensors.Keys)}");
            if (found.Shape.Length != 2 || found.Shape[0] != names.Length || found.Shape[1] != (columns ?? found.Shape[1]))
                throw new TernException($"teacher.shown: '{name}' of {spec.Shown} must be [{names.Length}, {(columns is { } wanted ? $"{wanted}" : "D")}], a row for each line of {spec.Names}{(columns is null ? "" : " and a column for each class")}; got [{string.Join(", ", found.Shape)}]");
            Tensor matrix = found.To(DType.Float32);
            return matrix.AllFinite() ? matrix : throw new TernException($"teacher.shown: '{name}' of {spec.Shown} has values that are no numbers: make the file again");
        }
        return new ShownTeacher(Matrix(Embedding, null), forWhat is null ? null : Matrix(Logits, store.Classes.Count), Rows(spec, names, store, data));
    }

    public NetworkOutput Show(Batch batch, Tensor images)
    {
        Tensor index = Tensor.From(Array.ConvertAll(batch.Indices, i => rows[i])), nothing = Tensor.Zeros([batch.Indices.Length, 0]);
        return new NetworkOutput(embedding.IndexSelect(0, index), nothing, logits?.IndexSelect(0, index) ?? nothing);
    }

    /// <summary>Where each picture of the store is in the files.</summary>
    private static long[] Rows(ShownSpec spec, string[] names, PixelStore store, string data)
    {
        var places = new Dictionary<string, long>();
        for (int row = 0; row < names.Length; row++)
            if (!places.TryAdd(names[row], row)) throw new TernException($"teacher.names: {spec.Names} has '{names[row]}' on line {places[names[row]] + 1} and again on line {row + 1}; leave one of the two rows out");
        string root = Directory.Exists(data) ? data : Path.GetDirectoryName(Path.GetFullPath(data))!;
        string[] wanted = Array.ConvertAll(store.Names, name => Path.GetRelativePath(root, name).Replace('\\', '/'));
        int missing = Array.FindIndex(wanted, name => !places.ContainsKey(name));
        if (missing >= 0)
            throw new TernException($"teacher.names: {spec.Names} has no line '{wanted[missing]}'; {wanted.Count(name => !places.ContainsKey(name))} of the {wanted.Length} pictures to learn from have none. Its first line is '{names.FirstOrDefault()}'");
        return Array.ConvertAll(wanted, name => places[name]);
    }

    private static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        try { return SafetensorsFile.Read(path).Tensors; }
        catch (WeightFileException error) { throw new TernException($"teacher.shown: {error.Message}", error); }
    }

    private static string[] ReadLines(string path)
    {
        try { return File.ReadAllLines(path); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"teacher.names: {path} cannot be read: {error.Message.TrimEnd('.')}", error);
        }
    }
}
