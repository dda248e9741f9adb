namespace Tern.Training.Studies;

/// <summary>The results of a study, for keeping.</summary>
public static class StudyFiles
{
    /// <summary>Throws <see cref="TernException"/> where nothing can be left in a folder: asked before hours of work.</summary>
    public static void Require(string folder)
    {
        string probe = Path.Combine(folder, ".probe");
        AtomicFile.WriteText(probe, "");
        File.Delete(probe);
    }

    /// <summary>Leaves NAME.json, NAME.md, NAME.csv and NAME.html, which has the charts, of a study in a folder.</summary>
    public static void Copy(StudyPlan plan, string folder)
    {
        foreach ((string file, string extension) in new[] { ("results.json", "json"), ("table.md", "md"), ("table.csv", "csv"), ("report.html", "html") })
            AtomicFile.WriteText(Path.Combine(folder, $"{plan.Spec.Name}.{extension}"), File.ReadAllText(Path.Combine(plan.Folder, file)));
    }
}
