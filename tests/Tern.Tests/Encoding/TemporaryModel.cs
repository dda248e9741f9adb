using Google.Protobuf;
using Tern.Encoding.Onnx;

namespace Tern.Tests.Encoding;

/// <summary>A model in a file that is deleted with this object.</summary>
internal sealed class TemporaryModel : IDisposable
{
    public TemporaryModel(ModelProto model) : this(model.ToByteArray()) { }

    public TemporaryModel(byte[] content) => File.WriteAllBytes(Path, content);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"tern-{Guid.NewGuid():N}.onnx");

    public void Dispose() => File.Delete(Path);
}
