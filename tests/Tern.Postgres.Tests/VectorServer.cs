using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Tern.Postgres.Tests;

/// <summary>The newest PostgreSQL with pgvector, which Debian's packages do not have: PGlite, compiled for node, in tests/judge. Installed there with <c>npm ci</c>.</summary>
internal sealed class VectorServer : IDisposable
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(SourceFolder(), "../judge"));
    private readonly Process node;

    public VectorServer()
    {
        node = Process.Start(new ProcessStartInfo("node", ["postgres.mjs"]) { WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        if (!int.TryParse(node.StandardOutput.ReadLine(), CultureInfo.InvariantCulture, out int port))
        {
            Dispose();
            throw new InvalidOperationException("postgres.mjs did not start.");
        }
        ConnectionString = $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres;SSL Mode=Disable;Timeout=10";
    }

    /// <summary>Why it cannot be started here; null if it can.</summary>
    public static string? Missing => Directory.Exists(Path.Combine(Folder, "node_modules/@electric-sql/pglite-pgvector")) ? null : "PGlite is not installed: run npm ci in tests/judge";

    public string ConnectionString { get; }

    public void Dispose()
    {
        node.Kill();
        node.WaitForExit();
        node.Dispose();
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
