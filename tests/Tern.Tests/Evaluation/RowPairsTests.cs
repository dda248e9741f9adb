using Tern.Evaluation;

namespace Tern.Tests.Evaluation;

public class RowPairsTests
{
    /// <summary>Ties depend on it: a pair has the same float, to the last bit, wherever it stands in a block.</summary>
    [Fact]
    public void A_pair_has_one_sum_and_it_is_that_of_a_loop()
    {
        Random random = new(6);
        foreach (int dimensions in new[] { 1, 7, 8, 9, 16, 31, 129 })
            foreach ((int asking, int answering) in new[] { (1, 1), (3, 2), (4, 1), (4, 2), (5, 3), (9, 7), (32, 32) })
            {
                float[] Draw(int count) => [.. Enumerable.Range(0, count * dimensions).Select(_ => random.NextSingle() - 0.5f)];
                float[] queries = Draw(asking), items = Draw(answering), products = new float[asking * answering], squares = new float[asking * answering];
                RowPairs.Sum<RowPairs.Product>(queries, items, dimensions, products);
                RowPairs.Sum<RowPairs.SquaredDifference>(queries, items, dimensions, squares);
                for (int q = 0; q < asking; q++)
                    for (int i = 0; i < answering; i++)
                    {
                        ReadOnlySpan<float> a = queries.AsSpan(q * dimensions, dimensions), b = items.AsSpan(i * dimensions, dimensions);
                        double product = 0, square = 0;
                        for (int k = 0; k < dimensions; k++)
                        {
                            product += (double)a[k] * b[k];
                            square += ((double)a[k] - b[k]) * ((double)a[k] - b[k]);
                        }
                        int at = q * answering + i;
                        Assert.Equal(product, products[at], 1e-6 * dimensions);
                        Assert.Equal(square, squares[at], 1e-6 * dimensions);
                        Assert.Equal(RowPairs.One<RowPairs.Product>(a, b), products[at]);
                        Assert.Equal(RowPairs.One<RowPairs.SquaredDifference>(a, b), squares[at]);
                    }
            }
    }
}
