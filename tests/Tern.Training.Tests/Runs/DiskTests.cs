using System.Diagnostics;
using Tern.Tests.Index;
using Tern.Training.Recipes;
using Tern.Training.Runs;

namespace Tern.Training.Tests.Runs;

/// <summary>A disk that is full or cannot be written: a clear error, and what was there goes on once there is room.</summary>
public sealed class DiskTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tern-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [SkippableFact]
    public void A_full_disk_stops_a_run_with_the_reason_and_more_room_lets_it_end()
    {
        using var disk = new SmallDisk("900k");                                          // the student's checkpoint alone is larger
        string message = Assert.Throws<TernException>(() => Run(disk.Path)).Message;
        Assert.Contains("cannot be written", message);
        Assert.Contains("No space left", message);
        using (Process.Start("mount", ["-o", "remount,size=64m", disk.Path])) { }
        SpinWait.SpinUntil(() => new DriveInfo(disk.Path).TotalSize > 32 << 20, TimeSpan.FromSeconds(5));
        Run(disk.Path);
        Assert.True(File.Exists(Path.Combine(disk.Path, "run", "report.html")));
    }

    [SkippableFact]
    public void A_read_only_disk_is_named()
    {
        using var disk = new SmallDisk("900k");
        disk.MakeReadOnly();
        string message = Assert.Throws<TernException>(() => Run(disk.Path)).Message;
        Assert.Contains(disk.Path, message);
        Assert.Contains("--out", message);
    }

    private void Run(string disk) =>
        Pipeline.Run(RecipeFile.Read(TinyRecipe.Write(folder)), Path.Combine(disk, "run"), TimeProvider.System, new Progress<RunEvent>(), default);
}
