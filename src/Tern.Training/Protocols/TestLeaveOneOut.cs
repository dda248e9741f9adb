namespace Tern.Training.Protocols;

/// <summary>
/// Every test picture asks among all the other test pictures: how metric learning judges classes that were never trained on (Oh Song et al. CVPR 2016; CUB-200-2011,
/// Cars196, Stanford Online Products). A picture that is alone in its class does not ask, but answers.
/// </summary>
public sealed record TestLeaveOneOut : RetrievalProtocol
{
    public override string Name => "test-leave-one-out";

    public override Roles Choose(ProtocolPictures pictures) => Roles.Among(Range(pictures.Train.Count, pictures.Test.Count));
}
