namespace Tern.Training.Protocols;

/// <summary>The test pictures that the data set has for asking ask those it has for answering: In-shop Clothes Retrieval (Liu et al. CVPR 2016), where 14,218 ask 12,612.</summary>
public sealed record QueryVsGallery : RetrievalProtocol
{
    public override string Name => "query-vs-gallery";

    /// <exception cref="TernException">The data set does not divide its test pictures.</exception>
    public override Roles Choose(ProtocolPictures pictures)
    {
        if (pictures.Asking is not { } asking)
            throw new TernException($"{Name} needs test pictures that ask and others that answer, which only inShop and lists with query and gallery in their split column have: use test-leave-one-out");
        int train = pictures.Train.Count;
        return new Roles([.. asking.Select(i => train + i)], [.. Range(0, pictures.Test.Count).Except(asking).Select(i => train + i)]);
    }
}
