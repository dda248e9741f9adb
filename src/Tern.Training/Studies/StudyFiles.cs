namespace Tern.Training.Studies;

/// <summary>What a repository keeps of a study in <paramref name="folder"/>: NAME.json, NAME.md, NAME.csv and NAME.html, which has the charts, and in NAME/ the numbers of each cell.</summary>
public sealed class StudyFiles(string name, string folder)
{
    /// <summary>Where the numbers of each cell lie.</summary>
    public string CellFolder => Path.Combine(folder, name);

    /// <summary>Throws <see cref="TernException"/> where nothing can be left in a folder: asked before hours of work.</summary>
    public static void Require(string folder)
    {
        string probe = Path.Combine(folder, ".probe");
        AtomicFile.WriteText(probe, "");
        File.Delete(probe);
    }

    /// <summary>What has been kept of a cell, or null.</summary>
    internal FinishedCell? Find(StudyCell cell) => FinishedCell.Kept(cell, CellFolder);

    /// <summary>Leaves the study's files as they are now, and the numbers of a cell, unless those are from here.</summary>
    internal void Keep(StudyPlan plan, FinishedCell? cell)
    {
        cell?.Keep(CellFolder);
        foreach ((string file, string extension) in new[] { ("results.json", "json"), ("table.md", "md"), ("table.csv", "csv"), ("report.html", "html") })
            AtomicFile.WriteText(Path.Combine(folder, $"{name}.{extension}"), File.ReadAllText(Path.Combine(plan.Folder, file)));
    }
}
