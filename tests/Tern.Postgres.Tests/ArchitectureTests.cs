namespace Tern.Postgres.Tests;

/// <summary>The arrows of docs/architecture.md.</summary>
public class ArchitectureTests
{
    [Fact]
    public void PostgreSQL_stands_on_the_runtime_alone() => Assert.Equal(
        ["Tern"], typeof(PostgresIndex).Assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith("Tern", StringComparison.Ordinal)));

    [Fact]
    public void The_runtime_knows_no_database() =>
        Assert.DoesNotContain(typeof(TernException).Assembly.GetReferencedAssemblies(), name => name.Name == "Npgsql");
}
