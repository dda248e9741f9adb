namespace Tern.Index;

/// <summary>How an index folder is opened.</summary>
public sealed record IndexOptions
{
    /// <summary>Open as the one writer. Any number of readers, in any process, may be open beside it.</summary>
    public bool Writable { get; init; }
}
