using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tern.Postgres.Tests;

/// <summary>A PostgreSQL server of Debian's packages, on a free port of the loopback address, in a temporary folder; gone when disposed.</summary>
internal sealed class PostgresCluster : IDisposable
{
    private const string Installations = "/usr/lib/postgresql";
    private const string ServerUser = "postgres"; // PostgreSQL refuses to run as root

    private static readonly string? Programs = NewestPrograms();

    private readonly string folder = Directory.CreateTempSubdirectory("tern-postgres-").FullName;

    /// <summary>Starts one.</summary>
    /// <param name="settings">Lines for its postgresql.conf.</param>
    public PostgresCluster(params string[] settings)
    {
        try
        {
            if (Environment.IsPrivilegedProcess)
                Run("chown", [ServerUser, folder]);
            RunServerProgram("initdb", ["-D", Data, "-U", "tern", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"], quiet: true);
            Port = FreePort();
            File.AppendAllLines(Path.Combine(Data, "postgresql.conf"),
                [$"port = {Port}", "listen_addresses = '127.0.0.1'", "unix_socket_directories = ''", "fsync = off", "autovacuum = off", .. settings]);
            Start();
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>Why no server can be started here; null if one can.</summary>
    public static string? Missing => Programs is null ? $"PostgreSQL is not installed ({Installations}/*/bin); apt-get install postgresql" : null;

    public int Port { get; }

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=tern;Database=postgres;SSL Mode=Disable;Timeout=10";

    /// <summary>For a connection that ends when it is closed, and so outlives no server.</summary>
    public string Unpooled => $"{ConnectionString};Pooling=false";

    public bool IsRunning => File.Exists(Path.Combine(Data, "postmaster.pid"));

    private string Data => Path.Combine(folder, "data");

    /// <summary>Starts the server after it was stopped.</summary>
    public void Start() => RunServerProgram("pg_ctl", ["-D", Data, "-l", Path.Combine(folder, "log"), "-s", "-w", "-t", "60", "start"], quiet: false);

    /// <summary>Stops the server as a crash does: no connection is told, nothing is written.</summary>
    public void Kill() => RunServerProgram("pg_ctl", ["-D", Data, "-s", "-m", "immediate", "-w", "-t", "60", "stop"], quiet: false);

    public void Dispose()
    {
        if (IsRunning)
            Kill();
        Directory.Delete(folder, recursive: true);
    }

    private static string? NewestPrograms()
    {
        if (!Directory.Exists(Installations))
            return null;
        string? newest = Directory.GetDirectories(Installations)
            .Where(installed => int.TryParse(Path.GetFileName(installed), out _) && File.Exists(Path.Combine(installed, "bin", "initdb")))
            .MaxBy(installed => int.Parse(Path.GetFileName(installed), CultureInfo.InvariantCulture));
        return newest is null ? null : Path.Combine(newest, "bin");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void RunServerProgram(string program, string[] arguments, bool quiet)
    {
        string path = Path.Combine(Programs ?? throw new InvalidOperationException(Missing), program);
        if (Environment.IsPrivilegedProcess)
            Run("runuser", ["-u", ServerUser, "--", path, .. arguments], quiet);
        else
            Run(path, arguments, quiet);
    }

    // The output of pg_ctl is not read: the server it starts could hold it open.
    private static void Run(string program, string[] arguments, bool quiet = true)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = quiet,
            RedirectStandardError = quiet,
            WorkingDirectory = "/",
        })!;
        string output = quiet ? process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd() : "";
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with code {process.ExitCode}. {output}");
    }
}
