using Tern.Training.Runs;

namespace Tern.Training.Tests.Runs;

public sealed class OriginTests
{
    [Theory]
    [InlineData("0.1.0+b35ff44f2d0e", "b35ff44")]
    [InlineData("0.1.0+b35ff44f2d0e.changes", "b35ff44-changed")]
    [InlineData("0.1.0", "unknown")]
    [InlineData(null, "unknown")]
    public void The_commit_is_read_off_the_version(string? version, string commit) => Assert.Equal(commit, Origin.CommitOf(version));
}
