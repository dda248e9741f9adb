namespace Tern.Training.Reports;

/// <summary>A network's place in the chain: what it is called and which colour is its own on the whole page.</summary>
internal sealed record Stage(NetworkReport Network, int Position)
{
    private const int Colours = 6;

    /// <summary>CSS class that sets the colour.</summary>
    public string Colour => $"n{Position % Colours}";

    public string Title => Network.Name switch
    {
        "teacher" => "Teacher",
        "student-plain" => "Student, labels only",
        "student" => "Student",
        "ternary" => "Ternary student",
        "quantized" => "Quantised student",
        string other => other,
    };

    /// <summary>The chain, in order.</summary>
    public static IReadOnlyList<Stage> Of(ReportData data) =>
        [.. data.Networks.Select((network, position) => new Stage(network, position))];

    /// <summary>What sizes and times are compared with; null where the chain has none.</summary>
    public static NetworkReport? Teacher(ReportData data) => data.Networks.FirstOrDefault(network => network.Name == "teacher");
}
