using System.Security.Cryptography;
using Tern.Torch;
using Tern.Torch.Weights;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Fitting;

/// <summary>What some other network says of the pictures, in files: docs/formats.md.</summary>
/// <param name="Shown">
/// A .safetensors file of <c>embeddings</c> [M, D], with <c>embeddings_flipped</c> of the mirror images where there are any, and, for terms that compare classifiers, <c>logits</c> [M, C].
/// </param>
/// <param name="Names">A text file of M lines: the picture of each row, the end of its path, such as Person/Person_0001.jpg.</param>
/// <param name="Classes">A text file of C lines: the class of each column of the logits. Null where there are none.</param>
public sealed record ShownSpec(string Shown, string Names, string? Classes = null)
{
    /// <summary>Every file by its key in the recipe.</summary>
    internal IEnumerable<(string Key, string Path)> Files => Classes is null ? [("shown", Shown), ("names", Names)] : [("shown", Shown), ("names", Names), ("classes", Classes)];

    /// <summary>SHA-256 of all files. Throws <see cref="TernException"/> when one cannot be read.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData([.. Files.SelectMany(file => InputFile.Hash($"teacher.{file.Key}", file.Path))]));
}

/// <summary>A teacher that is not run: what it said of each picture, as it is, lies in a file. It has no hash layer, and a classifier only where the file has logits.</summary>
public sealed class ShownTeacher : ITeacher
{
    private const string Embeddings = "embeddings", Flipped = "embeddings_flipped", Logits = "logits";

    private readonly Tensor embeddings;
    private readonly Tensor? logits;
    private readonly long[] rows;

    private ShownTeacher(Tensor embeddings, Tensor? logits, long[] rows) => (this.embeddings, this.logits, this.rows) = (embeddings, logits, rows);

    /// <summary>
    /// Reads the files. With embeddings of mirror images too, a picture's is the mean of both, each of length 1, at length 1 again. Of the logits those columns are taken, by
    /// name, that belong to the classes learned. Throws <see cref="TernException"/> where a picture of <paramref name="store"/> has no row of its own or a class no column, where files
    /// and data do not fit each other, and where logits are missing although <paramref name="comparesLogits"/> names something that compares them.
    /// </summary>
    public static ShownTeacher Open(ShownSpec spec, PixelStore store, string? comparesLogits)
    {
        IReadOnlyDictionary<string, Tensor> tensors = Read(spec.Shown);
        string[] names = ReadLines("names", spec.Names);
        Tensor embeddings = Matrix(spec, tensors, Embeddings, names.Length, columns: null, "");
        if (tensors.ContainsKey(Flipped))
            embeddings = (embeddings.Normalize() + Matrix(spec, tensors, Flipped, names.Length, (int)embeddings.Shape[1], "").Normalize()).Normalize();
        return new ShownTeacher(embeddings, comparesLogits is null ? null : LogitsOf(spec, tensors, names.Length, store, comparesLogits), Rows(spec, names, store));
    }

    public NetworkOutput Show(Batch batch, Tensor images)
    {
        Tensor index = Tensor.From(Array.ConvertAll(batch.Indices, i => rows[i])), nothing = Tensor.Zeros([batch.Indices.Length, 0]);
        return new NetworkOutput(embeddings.IndexSelect(0, index), nothing, logits?.IndexSelect(0, index) ?? nothing);
    }

    /// <summary>Logits [M, C] of the classes that are learned, in their order, whichever of them are held back this time.</summary>
    private static Tensor LogitsOf(ShownSpec spec, IReadOnlyDictionary<string, Tensor> tensors, int rows, PixelStore store, string compares)
    {
        string list = spec.Classes ?? throw new TernException($"teacher.classes: is missing, and {compares} compares logits; add the text file with the class of each column of '{Logits}'");
        string[] classes = ReadLines("classes", list);
        Tensor logits = Matrix(spec, tensors, Logits, rows, classes.Length, $", which {compares} compares");
        Dictionary<string, long> places = Places("classes", list, classes, "columns");
        string[] missing = [.. store.Classes.Where(name => !places.ContainsKey(name))];
        if (missing.Length > 0)
            throw new TernException($"teacher.classes: {list} has no line for {missing[0]}, nor for {missing.Length - 1} others of the {store.Classes.Count} classes to learn; its first is '{classes.FirstOrDefault()}'");
        return logits.IndexSelect(1, Tensor.From(store.Classes.Select(name => places[name]).ToArray()));
    }

    /// <summary>A tensor of the file as float32, a row for each name.</summary>
    /// <param name="columns">How many it must have; null for any number.</param>
    private static Tensor Matrix(ShownSpec spec, IReadOnlyDictionary<string, Tensor> tensors, string name, int rows, int? columns, string why)
    {
        if (!tensors.TryGetValue(name, out Tensor? found)) throw new TernException($"teacher.shown: {spec.Shown} has no tensor '{name}'{why}; it has {string.Join(", ", tensors.Keys)}");
        if (found.Shape.Length != 2 || found.Shape[0] != rows || found.Shape[1] != (columns ?? found.Shape[1]))
            throw new TernException($"teacher.shown: '{name}' of {spec.Shown} must be [{rows}, {(columns is null ? "D" : $"{columns}")}], a row for each line of {spec.Names}{Columns(spec, name)}; "
                + $"got [{string.Join(", ", found.Shape)}]");
        Tensor matrix = found.To(DType.Float32);
        return matrix.AllFinite() ? matrix : throw new TernException($"teacher.shown: '{name}' of {spec.Shown} has values that are no numbers: make the file again");
    }

    private static string Columns(ShownSpec spec, string name) => name switch { Logits => $" and a column for each of {spec.Classes}", Flipped => $" and as many columns as '{Embeddings}'", _ => "" };

    /// <summary>Where each picture of the store is in the files.</summary>
    private static long[] Rows(ShownSpec spec, string[] names, PixelStore store)
    {
        Dictionary<string, long> places = Places("names", spec.Names, names, "rows");
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

    /// <summary>The number of each line.</summary>
    private static Dictionary<string, long> Places(string key, string path, string[] lines, string what)
    {
        var places = new Dictionary<string, long>();
        for (int i = 0; i < lines.Length; i++)
            if (!places.TryAdd(lines[i], i)) throw new TernException($"teacher.{key}: {path} has '{lines[i]}' on line {places[lines[i]] + 1} and again on line {i + 1}; leave one of the two {what} out");
        return places;
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

    private static string[] ReadLines(string key, string path)
    {
        try { return File.ReadAllLines(path); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"teacher.{key}: {path} cannot be read: {error.Message.TrimEnd('.')}", error);
        }
    }
}
