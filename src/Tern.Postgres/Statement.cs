using Npgsql;
using NpgsqlTypes;

namespace Tern.Postgres;

/// <summary>A statement, with what stands for $1, $2, .. in it.</summary>
internal sealed class Statement
{
    private readonly List<NpgsqlParameter> parameters = [];

    /// <summary>Its text. May be set when all values are taken.</summary>
    public string Text { get; set; } = "";

    /// <summary>Takes a value, null allowed, and returns what stands for it in the text.</summary>
    public string Value(NpgsqlDbType type, object? value)
    {
        parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
        return $"${parameters.Count}";
    }

    /// <summary>A command that runs it, once.</summary>
    public NpgsqlCommand On(NpgsqlConnection connection)
    {
        NpgsqlCommand command = new(Text, connection);
        foreach (NpgsqlParameter parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }
}
