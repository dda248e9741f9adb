using System.Security.Cryptography;
using Tern.Encoding;
using Tern.Evaluation;
using Tern.Training.Data;
using Tern.Training.Protocols;

namespace Tern.Training.Runs;

/// <summary>Judges a model file by pairs of pictures, without the run that made it: of whom it has learned from, only what the file says is known.</summary>
public static class ModelVerification
{
    /// <summary>Encodes every picture of the pairs and judges by each protocol; pairs whose pictures cannot be read are left out and reported.</summary>
    /// <param name="dataPath">The folder of people, or the one it lies in.</param>
    /// <param name="spec">The pairs; with those of one fold there is no accuracy, since nothing is there to choose a threshold on.</param>
    /// <exception cref="TernException">The model has learned from somebody in the pairs.</exception>
    public static IReadOnlyList<Measurement> Run(
        string modelPath, string dataPath, PairsSpec spec, IReadOnlyList<VerificationProtocol> protocols, MirrorUse mirror, int threads, IProgress<RunEvent> progress, CancellationToken cancellation)
    {
        ImageEncoder encoder = ImageEncoder.Open(modelPath, new EncoderOptions { Threads = threads });
        var data = new DataSpec(dataPath, encoder.Height, encoder.Width, encoder.Channels, [], [], 0, Resize: encoder.Resize);
        DataSplit sets = FaceReader.Open(dataPath, spec, strict: false);
        RequireStrangers(modelPath, encoder, sets, spec, progress);
        PixelStore store = PixelStore.Load(sets.Test, data, threads, cancellation);
        foreach (BadImage bad in store.Bad) progress.Report(new RunWarning($"left out: {bad.Problem}"));
        PairSet pairs = sets.Pairs!.Among(store);
        string split = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(store.Fingerprint() + pairs.Text)))[..16];
        var measured = new Protocol("", split, null, encoder.ModelIdentity);
        int total = protocols.Count * PairEncoder.Passes(mirror) * store.Count, before = 0;
        var rows = new List<Measurement>();
        foreach (VerificationProtocol protocol in protocols)
        {
            MeasuredPairs found = PairEncoder.Measure(
                encoder, store, pairs.Pairs, protocol, mirror, cancellation, done => progress.Report(new StageAdvanced("encode", before + done, total)));
            before += PairEncoder.Passes(mirror) * store.Count;
            rows.AddRange(protocol.Evaluate(pairs, found, heldBack: null, dataPath, mirror, encoder.Bits, measured).SelectMany(result => result.Measurements));
        }
        return rows;
    }

    /// <summary>People whom a model has learned from stand closer together than strangers do, so that numbers of them say nothing of others.</summary>
    private static void RequireStrangers(string modelPath, ImageEncoder encoder, DataSplit sets, PairsSpec spec, IProgress<RunEvent> progress)
    {
        string[] tested = [.. sets.Test.Classes.Except(sets.Train.Classes)];
        if (KnownPeople.Read(encoder.Metadata) is not { } known)
            progress.Report(new RunWarning($"{modelPath} does not say whom it has learned from: make sure that it is nobody of the {tested.Length} people in the pairs of {spec.File}"));
        else if (known.Among(tested) is { Length: > 0 } both)
            throw new TernException($"{modelPath} has learned from {both[0]}{(both.Length > 1 ? $" and {both.Length - 1} others" : "")} of the {tested.Length} people in the pairs of {spec.File}, and numbers of people it knows"
                + " say nothing: judge it by the pairs that its recipe names in data.pairs, or by a list of people it has not seen");
    }
}
