using System.Security.Cryptography;
using Tern.Codes;
using Tern.Encoding;
using Tern.Evaluation;
using Tern.Training.Data;

namespace Tern.Training.Runs;

/// <summary>Judges a model file on a data set, without the run that made it.</summary>
public static class ModelEvaluation
{
    /// <summary>Test pictures ask, training pictures answer; pictures that cannot be read are left out and reported.</summary>
    public static IReadOnlyList<Measurement> Run(string modelPath, string dataPath, DataFormat format, RetrievalOptions options, IProgress<RunEvent> progress, CancellationToken cancellation)
    {
        ImageEncoder encoder = ImageEncoder.Open(modelPath, new EncoderOptions { Threads = options.Threads });
        var spec = new DataSpec(dataPath, encoder.Height, encoder.Width, encoder.Channels, [], [], 0, Resize: encoder.Resize);
        DataSplit sets = DataSource.Open(dataPath, format);
        var fingerprint = "";
        LabelledCodes Encode(ImageSet set)
        {
            PixelStore store = PixelStore.Load(set, spec, options.Threads, cancellation);
            foreach (BadImage bad in store.Bad) progress.Report(new RunWarning($"left out: {bad.Problem}"));
            fingerprint += store.Fingerprint();
            byte[] codes = PixelEncoder.Codes(encoder, store, cancellation, done => progress.Report(new StageAdvanced("encode", done, store.Count)));
            return new LabelledCodes(PackedCodes.FromBytes(codes, encoder.Bits), Labels.Single(store.Labels)) { Model = encoder.ModelIdentity };
        }
        LabelledCodes gallery = Encode(sets.Train), queries = Encode(sets.Test);
        string name = $"{Path.GetFileName(Path.GetFullPath(dataPath).TrimEnd('/'))}/query{queries.Codes.Count}-db{gallery.Codes.Count}/{(options.Cutoff is { } cutoff ? $"top{cutoff}" : "full")}";
        string split = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(fingerprint)))[..16];
        return Retrieval.Evaluate(queries, gallery, options, cancellation).Measurements(new Protocol(name, split, null, encoder.ModelIdentity));
    }
}
