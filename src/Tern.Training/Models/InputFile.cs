using System.Security.Cryptography;

namespace Tern.Training.Models;

/// <summary>A file that a recipe names and a result depends on.</summary>
internal static class InputFile
{
    /// <summary>SHA-256. Throws <see cref="TernException"/> when it cannot be read.</summary>
    /// <param name="key">Where the recipe names it.</param>
    /// <param name="path">The file.</param>
    /// <param name="advice">What to do then, if anything helps but the file.</param>
    public static byte[] Hash(string key, string path, string advice = "")
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return SHA256.HashData(stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TernException($"{key}: {path} cannot be read: {error.Message.TrimEnd('.')}{advice}", error);
        }
    }
}
