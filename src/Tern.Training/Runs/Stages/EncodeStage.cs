using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tern.Encoding;
using Tern.Training.Data;

namespace Tern.Training.Runs.Stages;

/// <summary>How fast a model encodes, and which it was.</summary>
/// <param name="EncodeMs">Median milliseconds for one picture alone, on one thread.</param>
/// <param name="PicturesPerSecond">Over the training pictures, in batches, on all threads of the recipe.</param>
/// <param name="Model">Its identity, which the codes beside this file carry.</param>
public sealed record EncodeTiming(double EncodeMs, double PicturesPerSecond, string Model);

/// <summary>Encodes the pictures that a protocol looks at with the exported model, in the runtime that ships: what is measured is what is used.</summary>
public sealed class EncodeStage(RunContext context, NetworkRole role) : Stage(context)
{
    private const int TimedPictures = 200;

    public override string Name => $"encode {role.Name}";

    public override string Inputs => string.Join('\n', Context.Folder.Hash(role.ModelFile), Context.Data.Split, EncodedPictures.WithTest(Context))
        + (EncodedPictures.WithEmbeddings(Context, role) ? "\nembeddings" : "") + EncodedPairs.Inputs(Context);

    public override IReadOnlyList<string> Outputs => [.. EncodedPictures.Files(Context, role), .. EncodedPairs.Any(Context) ? [role.DistancesFile] : Array.Empty<string>(), role.TimingFile];

    public override void Run()
    {
        ImageEncoder encoder = ImageEncoder.Open(Context.Folder[role.ModelFile], new EncoderOptions { Threads = Context.Recipe.Cores });
        PixelStore train = Context.Data.Train, test = Context.Data.Test;
        bool withTest = EncodedPictures.WithTest(Context);
        long total = train.Count + (withTest ? test.Count : 0);
        long start = Context.Time.GetTimestamp();
        bool withEmbeddings = EncodedPictures.WithEmbeddings(Context, role);
        EncodedBatch gallery = PixelEncoder.Encode(encoder, [train], withEmbeddings, Context.Cancellation, done => Context.Progress.Report(new StageAdvanced(Name, done, total)));
        double seconds = Context.Time.GetElapsedTime(start).TotalSeconds;
        Write(gallery, role.GalleryCodesFile, role.GalleryEmbeddingsFile);
        if (withTest)
            Write(PixelEncoder.Encode(encoder, [test], withEmbeddings, Context.Cancellation, done => Context.Progress.Report(new StageAdvanced(Name, train.Count + done, total))),
                role.QueryCodesFile, role.QueryEmbeddingsFile);
        if (EncodedPairs.Any(Context)) EncodedPairs.Write(Context, role, encoder);
        var timing = new EncodeTiming(Math.Round(EncodeMs(), 4), Math.Round(train.Count / seconds), encoder.ModelIdentity);
        AtomicFile.WriteText(Context.Folder[role.TimingFile], JsonSerializer.Serialize(timing, TimingJson.Default.EncodeTiming));
    }

    private void Write(EncodedBatch encoded, string codes, string embeddings)
    {
        AtomicFile.Write(Context.Folder[codes], stream => stream.Write(encoded.Codes));
        if (encoded.Embedding.Length > 0) AtomicFile.Write(Context.Folder[embeddings], stream => stream.Write(MemoryMarshal.AsBytes(encoded.Embedding.AsSpan())));
    }

    private double EncodeMs()
    {
        ImageEncoder single = ImageEncoder.Open(Context.Folder[role.ModelFile], new EncoderOptions { Threads = 1 });
        var code = new byte[(single.Bits + 7) / 8];
        var times = new double[TimedPictures];
        for (int i = 0; i < times.Length; i++)
        {
            long start = Context.Time.GetTimestamp();
            single.Encode(Context.Data.Train[i % Context.Data.Train.Count], 1, [], code, []);
            times[i] = Context.Time.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        return times[times.Length / 2];
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EncodeTiming))]
internal sealed partial class TimingJson : JsonSerializerContext;
