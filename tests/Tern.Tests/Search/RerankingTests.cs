using Tern.Codes;
using Tern.Search;

namespace Tern.Tests.Search;

public class RerankingTests
{
    [Theory]
    [InlineData(DescriptorPrecision.Float32, 4)]
    [InlineData(DescriptorPrecision.Float16, 2)]
    [InlineData(DescriptorPrecision.Int8, 1)]
    public void Cosines_by_hand(DescriptorPrecision precision, int bytes)
    {
        Descriptors stored = new(2, precision);
        stored.Add([3, 4]);   // (0.6, 0.8); as bytes (95, 127), 95.25 rounded
        stored.Add([-2, 0]);  // (-1, 0)
        stored.Add([0, 1e-20f]);
        float[] query = [1, 0];
        double rounding = precision switch { DescriptorPrecision.Float32 => 1e-7, DescriptorPrecision.Float16 => 5e-4, _ => 2e-3 };
        Assert.Equal(0.6, stored.Cosine(query, 0), rounding);
        Assert.Equal(-1, stored.Cosine(query, 1), 1e-7);
        Assert.Equal(0, stored.Cosine(query, 2), 1e-7);
        if (precision == DescriptorPrecision.Int8)
            Assert.Equal(95 / Math.Sqrt(95 * 95 + 127 * 127), stored.Cosine(query, 0), 1e-6);
        Assert.Equal((3, 6L * bytes), (stored.Count, stored.Bytes));
    }

    [Theory]
    [InlineData(DescriptorPrecision.Float32, 2e-6)]
    [InlineData(DescriptorPrecision.Float16, 2e-3)]
    [InlineData(DescriptorPrecision.Int8, 2e-2)]
    public void Cosines_are_those_of_the_definition(DescriptorPrecision precision, double rounding)
    {
        Random random = new(1);
        foreach (int length in new[] { 1, 7, 8, 9, 64, 769 })
        {
            Descriptors stored = new(length, precision);
            float[][] all = [.. Enumerable.Range(0, 20).Select(_ => Drawn(random, length))];
            foreach (float[] one in all)
                stored.Add(one);
            float[] query = Drawn(random, length), unit = new float[length];
            stored.ToUnitLength(query, unit);
            for (int i = 0; i < all.Length; i++)
            {
                double dot = query.Zip(all[i], (a, b) => (double)a * b).Sum();
                double lengths = Math.Sqrt(query.Sum(a => (double)a * a) * all[i].Sum(a => (double)a * a));
                Assert.Equal(dot / lengths, stored.Cosine(unit, i), rounding);
            }
        }
    }

    [Fact]
    public void The_nearest_codes_come_in_the_order_of_their_descriptors()
    {
        // Distances from 0: 0, 1, 1, 2, 8. The best by descriptor is row 4, which its code keeps out of the nearest four; rows 1 and 3 tie.
        PackedCodes codes = PackedCodes.FromWords([0, 1, 2, 3, 255], 8);
        Descriptors stored = new(2, DescriptorPrecision.Float32);
        foreach (float[] descriptor in new float[][] { [-1, 0], [1, 1], [0, 1], [2, 2], [1, 0] })
            stored.Add(descriptor);
        CodeSearch search = CodeSearch.Over(codes);
        BinaryCode query = BinaryCode.FromWords([0], 8);
        SearchAnswer answer = search.Nearest(query, new SearchRequest { Top = 3, Rerank = new Reranking(stored, new float[] { 5, 0 }, Among: 4) });
        Assert.Equal([new Neighbor(1, 1), new Neighbor(3, 2), new Neighbor(2, 1)], answer.Neighbors);
        Assert.Equal([0.7071, 0.7071, 0], answer.Cosines!.Select(cosine => Math.Round(cosine, 4)));
        SearchAnswer all = search.Nearest(query, new SearchRequest { Top = null, Rerank = new Reranking(stored, new float[] { 5, 0 }, Among: 1) });
        Assert.Equal([4, 1, 3, 2, 0], all.Neighbors.Select(near => near.Position)); // as many as are asked for are compared
        Assert.Null(search.Nearest(query).Cosines);
    }

    [Fact]
    public void What_cannot_be_compared_is_refused()
    {
        Descriptors stored = new(2, DescriptorPrecision.Int8);
        Assert.Contains("3 components and the stored ones 2", Assert.Throws<TernException>(() => stored.Add([1, 2, 3])).Message);
        Assert.Contains("direction", Assert.Throws<TernException>(() => stored.Add([0, 0])).Message);
        Assert.Contains("direction", Assert.Throws<TernException>(() => stored.Add([float.NaN, 0])).Message);
        Assert.Contains("got 0", Assert.Throws<TernException>(() => new Descriptors(0, DescriptorPrecision.Float32)).Message);
        CodeSearch search = CodeSearch.Over(PackedCodes.FromWords([0], 8));
        BinaryCode query = BinaryCode.FromWords([0], 8);
        SearchRequest request = new() { Rerank = new Reranking(stored, new float[] { 1, 0 }) };
        Assert.Contains("1 codes and 0 descriptors", Assert.Throws<TernException>(() => search.Nearest(query, request)).Message);
        stored.Add([1, 0]);
        Assert.Contains("one by one", Assert.Throws<TernException>(() => search.Nearest(PackedCodes.FromWords([0], 8), request)).Message);
        Assert.Contains("rerank.among", Assert.Throws<TernException>(() =>
            search.Nearest(query, new SearchRequest { Rerank = new Reranking(stored, new float[] { 1, 0 }, Among: 0) })).Message);
    }

    private static float[] Drawn(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() * 2 - 1)];
}
