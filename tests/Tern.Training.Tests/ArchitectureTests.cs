using System.Reflection;
using Tern.Training.Runs;

namespace Tern.Training.Tests;

/// <summary>The arrows of docs/architecture.md.</summary>
public class ArchitectureTests
{
    [Fact]
    public void The_runtime_reaches_neither_libtorch_nor_training() =>
        Assert.DoesNotContain(Reachable(typeof(TernException).Assembly), name => name.StartsWith("Tern.", StringComparison.Ordinal));

    [Fact]
    public void The_binding_knows_nothing_of_search_or_training() =>
        Assert.DoesNotContain(Reachable(typeof(Tern.Torch.Tensor).Assembly), name => name is "Tern" or "Tern.Training" or "Tern.Cli");

    [Fact]
    public void Training_stands_on_both() =>
        Assert.Superset(new HashSet<string> { "Tern", "Tern.Torch" }, Reachable(typeof(Pipeline).Assembly).ToHashSet());

    /// <summary>Names of the assemblies an assembly refers to, directly or through another one of ours.</summary>
    private static IEnumerable<string> Reachable(Assembly assembly) => assembly.GetReferencedAssemblies()
        .SelectMany(name => name.Name!.StartsWith("Tern", StringComparison.Ordinal) ? Reachable(Assembly.Load(name)).Prepend(name.Name) : [name.Name!])
        .Distinct();
}
