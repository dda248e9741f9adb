using System.Security.Cryptography;
using Tern.Torch;
using Tern.Torch.Weights;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Fitting;

/// <summary>What some other network says of the pictures, in files: docs/formats.md.</summary>
/// <param name="Shown">A .safetensors file of <c>embeddings</c> [M, D] and, for terms that compare classifiers, <c>logits</c> [M, C].</param>
/// <param name="Names">A text file of M lines: the picture of each row, the end of its path, such as Person/Person_0001.jpg.</param>
public sealed record ShownSpec(string Shown, string Names)
{
    /// <summary>SHA-256 of both files. Throws <see cref="TernException"/> when one cannot be read.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData([.. InputFile.Hash("teacher.shown", Shown), .. InputFile.Hash("teacher.names", Names)]));
}

/// <summary>A teacher that is not run: what it said of each picture, as it is, lies in a file. It has no hash layer, and a classifier only where the file has logits.</summary>
public sealed class ShownTeacher : ITeacher
{
    private const string Embeddings = "embeddings", Logits = "logits";

    private readonly Tensor embeddings;
    private readonly Tensor? logits;
    private readonly long[] rows;

    private ShownTeacher(Tensor embeddings, Tensor? logits, long[] rows) => (this.embeddings, this.logits, this.rows) = (embeddings, logits, rows);

    /// <summary>
    /// Reads both files. Throws <see cref="TernException"/> where a picture of <paramref name="store"/> has no row of its own, where files and data do not fit each other,
    /// and where logits are missing although <paramref name="comparesLogits"/> names something that compares them.
    /// </summary>
    public static ShownTeacher Open(ShownSpec spec, PixelStore store, string? comparesLogits)
    {
        IReadOnlyDictionary<string, Tensor> tensors = Read(spec.Shown);
        string[] names = ReadLines(spec.Names);
        Tensor embeddings = Matrix(spec, tensors, Embeddings, names.Length, "D", columns: null, "");
        Tensor? logits = comparesLogits is null ? null
            : Matrix(spec, tensors, Logits, names.Length, $"{store.Classes.Count}", store.Classes.Count, $", which {comparesLogits} compares");
        return new ShownTeacher(embeddings, logits, Rows(spec, names, store));
    }

    public NetworkOutput Show(Batch batch, Tensor images)
    {
        Tensor index = Tensor.From(Array.ConvertAll(batch.Indices, i => rows[i])), nothing = Tensor.Zeros([batch.Indices.Length, 0]);
        return new NetworkOutput(embeddings.IndexSelect(0, index), nothing, logits?.IndexSelect(0, index) ?? nothing);
    }

    /// <summary>A tensor of the file as float32, a row for each name.</summary>
    private static Tensor Matrix(ShownSpec spec, IReadOnlyDictionary<string, Tensor> tensors, string name, int rows, string width, int? columns, string why)
    {
        if (!tensors.TryGetValue(name, out Tensor? found)) throw new TernException($"teacher.shown: {spec.Shown} has no tensor '{name}'{why}; it has {string.Join(", ", tensors.Keys)}");
        if (found.Shape.Length != 2 || found.Shape[0] != rows || found.Shape[1] != (columns ?? found.Shape[1]))
            throw new TernException($"teacher.shown: '{name}' of {spec.Shown} must be [{rows}, {width}], a row for each line of {spec.Names}{(columns is null ? "" : " and a column for each class")}; "
                + $"got [{string.Join(", ", found.Shape)}]");
        Tensor matrix = found.To(DType.Float32);
        return matrix.AllFinite() ? matrix : throw new TernException($"teacher.shown: '{name}' of {spec.Shown} has values that are no numbers: make the file again");
    }

    /// <summary>Where each picture of the store is in the files.</summary>
    private static long[] Rows(ShownSpec spec, string[] names, PixelStore store)
    {
        var places = new Dictionary<string, long>();
        for (int row = 0; row < names.Length; row++)
            if (!places.TryAdd(names[row], row)) throw new TernException($"teacher.names: {spec.Names} has '{names[row]}' on line {places[names[row]] + 1} and again on line {row + 1}; leave one of the two rows out");
        long?[] found = Array.ConvertAll(store.Names, picture => Row(places, picture));
        int missing = Array.IndexOf(found, null);
        if (missing >= 0)
            throw new TernException($"teacher.names: {spec.Names} has no line for {store.Names[missing]}, nor for {found.Count(row => row is null) - 1} others of the {found.Length} pictures to learn from; "
                + $"a line is the end of a path, and its first is '{names.FirstOrDefault()}'");
        foreach (IGrouping<long?, (int Index, long? Row)> same in found.Select((row, i) => (Index: i, Row: row)).GroupBy(entry => entry.Row))
            if (same.Select(entry => store.Names[entry.Index]).Distinct().Take(2).ToArray() is [var first, var second])
                throw new TernException($"teacher.names: line {same.Key + 1} of {spec.Names} stands for {first} and for {second}: write more of the path");
        return Array.ConvertAll(found, row => row!.Value);
    }

    /// <summary>The row of the longest end of the path that is a line.</summary>
    private static long? Row(Dictionary<string, long> places, string path)
    {
        for (string end = path.Replace('\\', '/'); ; end = end[(end.IndexOf('/') + 1)..])
        {
            if (places.TryGetValue(end, out long row)) return row;
            if (!end.Contains('/')) return null;
        }
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
