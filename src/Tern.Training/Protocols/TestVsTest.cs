namespace Tern.Training.Protocols;

/// <summary>
/// Every test picture asks among all test pictures, itself included: the authors' script of DSH (Liu et al. CVPR 2016; <c>test_map.m</c> ranks the test codes
/// against themselves), on CIFAR-10 and on NUS-WIDE 10,000 of them.
/// </summary>
public sealed record TestVsTest : RetrievalProtocol
{
    public override string Name => "test-vs-test";

    public override Roles Choose(ProtocolPictures pictures)
    {
        int[] all = Range(pictures.Train.Count, pictures.Test.Count);
        return new Roles(all, all);
    }
}
