using Tern.Imaging;
using Tern.Evaluation;
using Tern.Training.Fitting;
using Tern.Training.Reports;

namespace Tern.Training.Tests.Reports;

/// <summary>A small run with round numbers: 4-bit codes, a teacher, a ternary student of a ninth its size and four times as fast.</summary>
internal static class Samples
{
    public static readonly NetworkReport Teacher = Network("teacher", parameters: 1_000_000, bytes: 4 << 20, map: 0.9, milliseconds: 3);

    // 4 MiB / 9 = 466,033.8 bytes = 455.1 KiB; 3 ms / 0.75 ms = 4.
    public static readonly NetworkReport Ternary = Network("ternary", parameters: 120_000, bytes: 466_034, map: 0.861, milliseconds: 0.75);

    public static ReportData Data(params NetworkReport[] networks) => new(
        "sample", 4, "tiny/query20-gallery300/full", 20, 300, networks, """{ "name": "sample", "bits": 4 }""",
        [("Data", "tiny, 320 pictures"), ("Seed", "7")]);

    public static ReportPicture Picture(byte grey, string label, string name) => new(PngWriter.Encode([grey], 1, 1, channels: 1), label, name);

    private static NetworkReport Network(string name, long parameters, long bytes, double map, double milliseconds) => new(
        name, parameters, 12 * parameters, bytes, map, map + 0.05, milliseconds, $"{name}-sha256", Measurements(map),
        [Epoch(1, 2.5, 0.61), Epoch(2, 1.25, map - 0.01), Epoch(3, 1.125, map - 0.02)],
        [new(0.5, 1), new(0.25, 0.811), new(0.75, 0.811), new(0, 0)],
        [1, 0.5f, -0.1f, 0, 0.5f, 1, 0.3f, 0, -0.1f, 0.3f, 1, 0, 0, 0, 0, 0],
        [new(0, 0.8, 0.1), new(1, 0.9, 0.5), new(2, 0.7, 0.75), new(3, 0.4, 0.9), new(4, 0.1, 1)],
        [new QueryRow(Picture(0, "cat", "q/1.png"), [
            new Neighbour(Picture(1, "cat", "g/1.png"), 0, Right: true),
            new Neighbour(Picture(2, "dog", "g/2.png"), 1, Right: false),
            new Neighbour(Picture(3, "cat", "g/3.png"), 3, Right: true)])]);

    private static EpochRecord Epoch(int number, double loss, double map) => new(
        number, loss, new Dictionary<string, double> { ["crossEntropy"] = loss - 0.5, ["codeDistillation"] = 0.5 }, 0.1, map);

    private static Measurement[] Measurements(double map)
    {
        var protocol = new Measurement
        {
            Metric = "map", Value = map, Worst = map - 0.004, Best = map + 0.003, Protocol = "tiny/query20-gallery300/full",
            Ties = "expected", Bits = 4, Queries = 20, Gallery = 300, Seed = 7, Split = "0123456789abcdef", ExcludeSelf = false,
        };
        Measurement bare = protocol with { Worst = null, Best = null };
        return
        [
            protocol,
            bare with { Metric = "recall@1", Value = map + 0.05 },
            bare with { Metric = "precision@radius2", Value = 0.777, Ties = null },
        ];
    }
}
