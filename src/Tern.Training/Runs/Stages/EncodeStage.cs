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

    public override string Inputs => string.Join('\n', Context.Folder.Hash(role.ModelFile), Context.Data.Split, EncodedPictures.WithTest(Context)) + EncodedPairs.Inputs(Context);

    public override IReadOnlyList<string> Outputs =>
    [
        role.GalleryCodesFile, .. EncodedPictures.WithTest(Context) ? [role.QueryCodesFile] : Array.Empty<string>(),
        .. EncodedPairs.Any(Context) ? [role.DistancesFile] : Array.Empty<string>(), role.TimingFile,
    ];

    public override void Run()
    {
        ImageEncoder encoder = ImageEncoder.Open(Context.Folder[role.ModelFile], new EncoderOptions { Threads = Context.Recipe.Threads });
        PixelStore train = Context.Data.Train, test = Context.Data.Test;
        bool withTest = EncodedPictures.WithTest(Context);
        long total = train.Count + (withTest ? test.Count : 0);
        long start = Context.Time.GetTimestamp();
        byte[] gallery = PixelEncoder.Codes(encoder, train, Context.Cancellation, done => Context.Progress.Report(new StageAdvanced(Name, done, total)));
        double seconds = Context.Time.GetElapsedTime(start).TotalSeconds;
        if (withTest)
        {
            byte[] queries = PixelEncoder.Codes(encoder, test, Context.Cancellation, done => Context.Progress.Report(new StageAdvanced(Name, train.Count + done, total)));
            AtomicFile.Write(Context.Folder[role.QueryCodesFile], stream => stream.Write(queries));
        }
        if (EncodedPairs.Any(Context)) EncodedPairs.Write(Context, role, encoder);
        var timing = new EncodeTiming(Math.Round(EncodeMs(), 4), Math.Round(train.Count / seconds), encoder.ModelIdentity);
        AtomicFile.Write(Context.Folder[role.GalleryCodesFile], stream => stream.Write(gallery));
        AtomicFile.WriteText(Context.Folder[role.TimingFile], JsonSerializer.Serialize(timing, TimingJson.Default.EncodeTiming));
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
