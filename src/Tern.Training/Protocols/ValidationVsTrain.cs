namespace Tern.Training.Protocols;

/// <summary>The training pictures that were held back ask, those learned from answer: what choices are made by, as no test picture takes part.</summary>
public sealed record ValidationVsTrain : RetrievalProtocol
{
    public override string Name => "validation-vs-train";

    public override bool UsesTest => false;

    /// <exception cref="TernException">It is not known which pictures were held back.</exception>
    public override Roles Choose(ProtocolPictures pictures) => new(HeldBack(pictures), pictures.Learned);
}
