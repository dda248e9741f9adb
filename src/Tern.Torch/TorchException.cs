namespace Tern.Torch;

/// <summary>An error of libtorch, with its own text, or a wrong call of an operator, naming the operator and the argument.</summary>
public sealed class TorchException(string message) : Exception(message);
