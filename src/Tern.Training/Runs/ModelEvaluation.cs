using System.Security.Cryptography;
using Tern.Codes;
using Tern.Encoding;
using Tern.Evaluation;
using Tern.Training.Data;
using Tern.Training.Models;
using Tern.Training.Protocols;

namespace Tern.Training.Runs;

/// <summary>Judges a model file on a data set, without the run that made it.</summary>
public static class ModelEvaluation
{
    /// <summary>Encodes every picture once and judges by each protocol; pictures that cannot be read are left out and reported.</summary>
    /// <param name="trainClasses">As <see cref="DataSpec.TrainClasses"/>.</param>
    /// <param name="boxes">As <see cref="DataSpec.Boxes"/>.</param>
    /// <param name="searchBy">What of the model's output is ranked.</param>
    public static IReadOnlyList<Measurement> Run(
        string modelPath, string dataPath, DataFormat format, IReadOnlyList<RetrievalProtocol> protocols, RetrievalOptions options, IProgress<RunEvent> progress, CancellationToken cancellation,
        int? trainClasses = null, bool boxes = false, SearchBy searchBy = SearchBy.Code)
    {
        ImageEncoder encoder = ImageEncoder.Open(modelPath, new EncoderOptions { Threads = options.Threads });
        var spec = new DataSpec(dataPath, encoder.Height, encoder.Width, encoder.Channels, [], [], 0, Resize: encoder.Resize);
        DataSplit sets = DataSource.Open(dataPath, format, trainClasses: trainClasses, boxes: boxes);
        foreach (RetrievalProtocol protocol in protocols) protocol.Require(new ProtocolPictures(sets.Train.Labels, sets.Test.Labels, [], [], sets.Asking));    // one that cannot be used says so before any work
        var fingerprint = "";
        (PixelStore Store, EncodedPixels Made) Encode(ImageSet set)
        {
            PixelStore store = PixelStore.Load(set, spec, options.Threads, cancellation);
            foreach (BadImage bad in store.Bad) progress.Report(new RunWarning($"left out: {bad.Problem}"));
            fingerprint += store.Fingerprint();
            return (store, PixelEncoder.Encode(encoder, store, searchBy == SearchBy.Embedding, cancellation, done => progress.Report(new StageAdvanced("encode", done, store.Count))));
        }
        (PixelStore Store, EncodedPixels Made) train = Encode(sets.Train), test = Encode(sets.Test);
        var pictures = new ProtocolPictures(train.Store.Labels, test.Store.Labels, [], [], sets.Asking is null ? null : test.Store.PlacesOf(sets.Asking));
        IRanked ranked = searchBy == SearchBy.Code
            ? new RankedCodes(new LabelledCodes(PackedCodes.FromBytes([.. train.Made.Codes, .. test.Made.Codes], encoder.Bits), pictures.All) { Model = encoder.ModelIdentity })
            : new RankedEmbeddings(new LabelledEmbeddings((float[])[.. train.Made.Embeddings!, .. test.Made.Embeddings!], encoder.EmbeddingSize, pictures.All) { Model = encoder.ModelIdentity });
        string split = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(fingerprint)))[..16];
        var measured = new Protocol("", split, null, encoder.ModelIdentity);
        return [.. protocols.SelectMany(protocol => protocol.Evaluate(ranked, pictures, dataPath, measured, options, cancellation).Measurements)];
    }
}
