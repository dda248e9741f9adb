namespace Tern.Training.Protocols;

/// <summary>
/// Every training picture that was held back asks among the others held back: what choices are made by where whole classes are held back, as no test picture
/// takes part. Checkpoints are chosen by the same.
/// </summary>
public sealed record ValidationLeaveOneOut : RetrievalProtocol
{
    public override string Name => "validation-leave-one-out";

    public override bool UsesTest => false;

    /// <exception cref="TernException">It is not known which pictures were held back.</exception>
    public override Roles Choose(ProtocolPictures pictures) => Roles.Among(HeldBack(pictures));
}
