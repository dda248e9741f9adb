using System.Text.RegularExpressions;

namespace Tern.Training.Studies;

/// <summary>Where a cell lies in the grid: a value on each axis, in the axes' order.</summary>
internal sealed partial record CellKey(IReadOnlyList<(string Axis, string Value)> Values)
{
    /// <summary>Whether a name can stand in a folder's name and a key.</summary>
    public static bool IsPlain(string name) => Plain().IsMatch(name);

    /// <summary>The folder's name: bits=12,distillation=none.</summary>
    public override string ToString() => string.Join(',', Values.Select(value => $"{value.Axis}={value.Value}"));

    [GeneratedRegex("^[A-Za-z0-9+._-]+\\z")]
    private static partial Regex Plain();
}
