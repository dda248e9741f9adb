namespace Tern;

/// <summary>
/// Something the caller can act on: a broken image, a wrong recipe, a missing file, a foreign model, a full disk.
/// The message says what is wrong, where, and what to do next; programs print it without a stack trace.
/// Anything that is not a <see cref="TernException"/> (or a cancellation) is a bug and keeps its stack.
/// </summary>
public class TernException : Exception
{
    /// <summary>An error whose <paramref name="message"/> says what, where and what to do next.</summary>
    public TernException(string message) : base(message) { }

    /// <summary>The same, keeping the <paramref name="cause"/> for programs that look for it.</summary>
    public TernException(string message, Exception? cause) : base(message, cause) { }
}
