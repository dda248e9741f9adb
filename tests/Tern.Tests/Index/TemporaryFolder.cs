namespace Tern.Tests.Index;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tern-test-").FullName;

    /// <summary>A path in it that does not exist yet.</summary>
    public string New(string name = "index") => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
