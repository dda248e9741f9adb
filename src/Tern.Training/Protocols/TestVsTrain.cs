namespace Tern.Training.Protocols;

/// <summary>Every test picture asks, every training picture answers, those held back included. On CIFAR-10 10,000 ask 50,000.</summary>
public sealed record TestVsTrain : RetrievalProtocol
{
    public override string Name => "test-vs-train";

    public override string NameOnCifar10 => "10k-vs-50k";

    public override Roles Choose(ProtocolPictures pictures) => new(Range(pictures.Train.Count, pictures.Test.Count), Range(0, pictures.Train.Count));
}
