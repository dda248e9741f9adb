using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tern.Postgres.Tests;

/// <summary>
/// A PostgreSQL server of Debian's packages, on a free port of the loopback address, in a temporary folder; gone when disposed. One whose process was killed before that is cleared away when the
/// next one starts.
/// </summary>
internal sealed class PostgresCluster : IDisposable
{
    private const string Installations = "/usr/lib/postgresql";
    private const string ServerUser = "postgres"; // PostgreSQL refuses to run as root
    private const string FolderPrefix = "tern-postgres-", OwnerFile = "owner.lock";
    private const int MostPorts = 10;

    private static readonly string? Programs = NewestPrograms();

    private readonly string folder;
    private readonly FileStream owner; // locked: the system lets go of it when this process ends, however it does

    /// <summary>Starts one.</summary>
    /// <param name="settings">Lines for its postgresql.conf.</param>
    public PostgresCluster(params string[] settings) : this(FreePort, settings)
    {
    }

    /// <summary>Starts one on the first of some ports that nobody has.</summary>
    /// <param name="ports">Gives ports that are likely to be free; somebody else may be faster.</param>
    /// <param name="settings">Lines for its postgresql.conf.</param>
    public PostgresCluster(Func<int> ports, params string[] settings)
    {
        ClearAbandoned();
        folder = Directory.CreateTempSubdirectory(FolderPrefix).FullName;
        owner = new FileStream(Path.Combine(folder, OwnerFile), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        try
        {
            if (Environment.IsPrivilegedProcess)
                Run("chown", [ServerUser, folder]);
            RunServerProgram("initdb", ["-D", Data, "-U", "tern", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"], quiet: true);
            Configure(["listen_addresses = '127.0.0.1'", "unix_socket_directories = ''", "fsync = off", "autovacuum = off", .. settings]);
            for (int tried = 1; !TryStartOn(ports()); tried++)
                if (tried == MostPorts)
                    throw new InvalidOperationException($"Each of {MostPorts} ports was taken by somebody else.");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why no server can be started here; null if one can.</summary>
    public static string? Missing => Programs is null ? $"PostgreSQL is not installed ({Installations}/*/bin); apt-get install postgresql" : null;

    public int Port { get; private set; }

    public string Folder => folder;

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=tern;Database=postgres;SSL Mode=Disable;Timeout=10";

    /// <summary>For a connection that ends when it is closed, and so outlives no server.</summary>
    public string Unpooled => $"{ConnectionString};Pooling=false";

    public bool IsRunning => Runs(folder);

    private string Data => DataOf(folder);

    private string Log => Path.Combine(folder, "log");

    /// <summary>Starts the server after it was stopped.</summary>
    public void Start() => RunServerProgram("pg_ctl", ["-D", Data, "-l", Log, "-s", "-w", "-t", "60", "start"], quiet: false);

    /// <summary>Stops the server as a crash does: no connection is told, nothing is written.</summary>
    public void Kill() => Kill(folder);

    /// <summary>Leaves the server running, as a process does that is killed.</summary>
    public void Abandon() => owner.Dispose();

    public void Dispose()
    {
        Clear(folder);
        owner.Dispose();
    }

    /// <summary>Stops the servers whose processes are gone, and deletes their folders.</summary>
    public static void ClearAbandoned()
    {
        foreach (string left in Directory.GetDirectories(Path.GetTempPath(), FolderPrefix + "*"))
            try
            {
                using FileStream owner = new(Path.Combine(left, OwnerFile), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                Clear(left);
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                // Somebody has it still, is just beginning or ending with it, or may do what we may not; or it does not stop.
            }
    }

    private static void Clear(string folder)
    {
        if (Runs(folder))
            Kill(folder);
        Directory.Delete(folder, recursive: true);
    }

    // A server that was killed leaves its number behind, which by now may be that of another process.
    private static bool Runs(string folder)
    {
        string file = Path.Combine(DataOf(folder), "postmaster.pid");
        return File.Exists(file) && int.TryParse(File.ReadLines(file).FirstOrDefault(), out int number)
            && File.Exists($"/proc/{number}/cmdline") && File.ReadAllText($"/proc/{number}/cmdline").Contains(DataOf(folder), StringComparison.Ordinal);
    }

    private static void Kill(string folder) => RunServerProgram("pg_ctl", ["-D", DataOf(folder), "-s", "-m", "immediate", "-w", "-t", "60", "stop"], quiet: false);

    private static string DataOf(string folder) => Path.Combine(folder, "data");

    private void Configure(params string[] lines) => File.AppendAllLines(Path.Combine(Data, "postgresql.conf"), lines); // the last line of a name counts

    // False where somebody else has taken the port.
    private bool TryStartOn(int port)
    {
        Port = port;
        Configure($"port = {port}");
        File.Delete(Log);
        try
        {
            Start();
            return true;
        }
        catch (InvalidOperationException) when (File.Exists(Log) && File.ReadAllText(Log).Contains("Address already in use", StringComparison.Ordinal))
        {
            return false;
        }
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
