using System.Diagnostics;

namespace Tern.Tests.Index;

/// <summary>A file system of its own that can be full or read-only. Needs the right to mount; otherwise the test is skipped.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder mountPoint = new();

    public SmallDisk(string size)
    {
        bool mounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", mountPoint.Path);
        if (!mounted)
            mountPoint.Dispose();
        Skip.IfNot(mounted, "mounting a small disk needs root on Linux");
    }

    public string Path => mountPoint.Path;

    public void MakeReadOnly() => Assert.True(Run("mount", "-o", "remount,ro", mountPoint.Path));

    public void Dispose()
    {
        Assert.True(Run("umount", mountPoint.Path));
        mountPoint.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
