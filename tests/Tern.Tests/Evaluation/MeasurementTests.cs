using Tern.Codes;
using Tern.Evaluation;

namespace Tern.Tests.Evaluation;

public class MeasurementTests
{
    [Fact]
    public void A_number_carries_its_protocol_and_reads_back()
    {
        LabelledCodes set = new(PackedCodes.FromBytes([0, 0, 1, 1], 8), Labels.Single([1, 1, 2, 2]));
        RetrievalScores scores = Retrieval.Evaluate(
            set, set, new RetrievalOptions { ExcludeSelf = true, Cutoff = 3, Denominator = CutoffDenominator.Found, TopK = [1] });
        IReadOnlyList<Measurement> rows = scores.Measurements(new Protocol("tiny/all", Split: "ab12", Seed: 7, Model: "cafe"));
        Assert.Equal(["map@3", "map@r", "r-precision", "recall@1", "precision@1", "precision@radius2"], rows.Select(row => row.Metric));
        Assert.Equal(
            """{"metric":"map@3","value":1,"protocol":"tiny/all","ranked":"code","ties":"expected","worst":1,"best":1,"denominator":"found","bits":8""" +
            ""","queries":4,"queriesWithoutRelevant":0,"gallery":4,"excludeSelf":true,"split":"ab12","seed":7,"model":"cafe"}""",
            rows[0].ToJson());
        Assert.All(rows, row => Assert.Equal(row, Measurement.FromJson(row.ToJson())));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"metric":"map","value":1,"protocol":"p","tise":"legacy"}""")]
    public void Something_else_is_refused(string json) => Assert.Throws<TernException>(() => Measurement.FromJson(json));
}
