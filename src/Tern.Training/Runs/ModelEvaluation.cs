using Tern.Codes;
using Tern.Encoding;
using Tern.Evaluation;
using Tern.Training.Data;
using Tern.Training.Protocols;

namespace Tern.Training.Runs;

/// <summary>Judges a model file on a data set, without the run that made it.</summary>
public static class ModelEvaluation
{
    /// <summary>Encodes every picture once and judges by each protocol; pictures that cannot be read are left out and reported.</summary>
    /// <param name="trainClasses">As <see cref="DataSpec.TrainClasses"/>.</param>
    /// <param name="boxes">As <see cref="DataSpec.Boxes"/>.</param>
    /// <param name="embeddings">How float embeddings are compared, which are then judged in place of codes.</param>
    public static IReadOnlyList<Measurement> Run(
        string modelPath, string dataPath, DataFormat format, IReadOnlyList<RetrievalProtocol> protocols, RetrievalOptions options, IProgress<RunEvent> progress, CancellationToken cancellation,
        int? trainClasses = null, bool boxes = false, EmbeddingDistance? embeddings = null)
    {
        ImageEncoder encoder = ImageEncoder.Open(modelPath, new EncoderOptions { Threads = options.Threads });
        var spec = new DataSpec(dataPath, encoder.Height, encoder.Width, encoder.Channels, [], [], 0, Resize: encoder.Resize);
        DataSplit sets = DataSource.Open(dataPath, format, trainClasses: trainClasses, boxes: boxes);
        foreach (RetrievalProtocol protocol in protocols) protocol.Require(new ProtocolPictures(sets.Train.Labels, sets.Test.Labels, [], [], sets.Asking));    // one that cannot be used says so before any work
        PixelStore Read(ImageSet set)
        {
            PixelStore store = PixelStore.Load(set, spec, options.Threads, cancellation);
            foreach (BadImage bad in store.Bad) progress.Report(new RunWarning($"left out: {bad.Problem}"));
            return store;
        }
        PixelStore train = Read(sets.Train), test = Read(sets.Test);
        EncodedBatch made = PixelEncoder.Encode(
            encoder, [train, test], embeddings is not null, cancellation, done => progress.Report(new StageAdvanced("encode", done, train.Count + test.Count)));
        var pictures = new ProtocolPictures(train.Labels, test.Labels, [], [], sets.Asking is null ? null : test.PlacesOf(sets.Asking));
        var measured = new Protocol("", RunData.SplitOf(train.Fingerprint(), test.Fingerprint(), pictures.Asking), null, encoder.ModelIdentity);
        IRanked ranked = embeddings is { } distance
            ? new RankedEmbeddings(new LabelledEmbeddings(made.Embedding, encoder.EmbeddingSize, pictures.All) { Model = encoder.ModelIdentity }, distance)
            : new RankedCodes(new LabelledCodes(PackedCodes.FromBytes(made.Codes, encoder.Bits), pictures.All) { Model = encoder.ModelIdentity });
        return [.. protocols.SelectMany(protocol => protocol.Evaluate(ranked, pictures, dataPath, measured, options, cancellation).Measurements)];
    }
}
