using Tern.Training.Data;

namespace Tern.Training.Protocols;

/// <summary>
/// 100 test pictures of each class ask; all other pictures answer, training and test. On CIFAR-10 1,000 ask 59,000. A class with fewer test pictures asks with
/// all of them; a picture with several labels asks once.
/// </summary>
/// <remarks>The literature draws the queries at random. Ours are a function of the labels alone, so that every run and every model is asked by the same.</remarks>
public sealed record PerClassVsRest : RetrievalProtocol
{
    private const int PerClass = 100;
    private const ulong DrawSeed = 1, Draw = 0xa5c;

    public override string Name => "100-per-class-vs-rest";

    public override string NameOnCifar10 => "1k-vs-59k";

    public override Roles Choose(ProtocolPictures pictures)
    {
        var asking = new HashSet<int>();
        foreach (IGrouping<int, int> carriers in pictures.Test.Carriers().OrderBy(carriers => carriers.Key))
        {
            int[] left = [.. carriers.Where(i => !asking.Contains(i))];
            asking.UnionWith(Randomness.Of(DrawSeed, Draw, (ulong)carriers.Key).Permutation(left.Length).Take(PerClass).Select(place => left[place]));
        }
        int train = pictures.Train.Count;
        int[] test = Range(0, pictures.Test.Count);
        return new Roles([.. test.Where(asking.Contains).Select(i => train + i)], [.. Range(0, train), .. test.Where(i => !asking.Contains(i)).Select(i => train + i)]);
    }
}
