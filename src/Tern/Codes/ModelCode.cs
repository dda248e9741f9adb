namespace Tern.Codes;

/// <summary>A code together with the identity of the model that made it, so that codes of two models are never compared by
/// mistake.</summary>
/// <param name="Code">The code.</param>
/// <param name="ModelIdentity">The model file's <c>tern.sha256</c>.</param>
public sealed record ModelCode(BinaryCode Code, string ModelIdentity);
