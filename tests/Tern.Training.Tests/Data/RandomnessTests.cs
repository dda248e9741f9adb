using FsCheck;
using FsCheck.Fluent;
using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public class RandomnessTests
{
    /// <summary>The first numbers of Vigna's splitmix64.c (prng.di.unimi.it) for the state 1234567, as published with many implementations of it.</summary>
    [Fact]
    public void The_sequence_is_SplitMix64()
    {
        var random = new Randomness(1234567);
        ulong[] expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        foreach (ulong number in expected) Assert.Equal(number, random.Next());
    }

    [Fact]
    public void Every_part_of_the_key_matters()
    {
        ulong First(ulong seed, ulong a, ulong b)
        {
            Randomness random = Randomness.Of(seed, a, b);
            return random.Next();
        }
        ulong[] firsts = [First(1, 2, 3), First(2, 1, 3), First(3, 2, 1), First(1, 3, 2), First(2, 3, 1), First(3, 1, 2), First(0, 0, 0), First(1, 0, 0), First(0, 1, 0), First(0, 0, 1)];
        Assert.Distinct(firsts);
        Assert.Equal(First(1, 2, 3), firsts[0]);
    }

    [Fact]
    public void A_permutation_holds_every_number_once() => Prop.ForAll(
        Gen.Choose(0, 200).ToArbitrary(), Gen.Choose(0, 1 << 30).ToArbitrary(), (count, seed) =>
        {
            Randomness random = Randomness.Of((ulong)seed);
            Assert.Equal(Enumerable.Range(0, count), random.Permutation(count).Order());
        }).QuickCheckThrowOnFailure();

    /// <summary>6,000 orders of three things: each of the 6 is expected 1,000 times with a standard deviation of 29; five of them are allowed.</summary>
    [Fact]
    public void Every_order_is_as_likely()
    {
        var random = new Randomness(1);
        var counts = new Dictionary<string, int>();
        for (int i = 0; i < 6000; i++)
        {
            string order = string.Join("", random.Permutation(3));
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(6, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 855, 1145));
    }

    /// <summary>10,000 numbers: in each tenth 1,000 are expected with a standard deviation of 30.</summary>
    [Fact]
    public void Fractions_and_integers_are_even_and_in_range()
    {
        var random = new Randomness(2);
        int[] fractions = new int[10], integers = new int[10];
        for (int i = 0; i < 10_000; i++)
        {
            double fraction = random.NextDouble();
            Assert.InRange(fraction, 0, 1 - 1e-17);
            fractions[(int)(10 * fraction)]++;
            integers[random.NextInt(10)]++;
        }
        Assert.All(fractions.Concat(integers), count => Assert.InRange(count, 850, 1150));
        Assert.Equal(0, random.NextInt(1));
    }
}
