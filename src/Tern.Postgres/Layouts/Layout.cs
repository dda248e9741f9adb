namespace Tern.Postgres.Layouts;

/// <summary>A collection's tables on a shard, as the table <c>collection</c> there describes them.</summary>
/// <param name="Schema">The schema they lie in.</param>
/// <param name="Bits">Code length.</param>
/// <param name="Model">Identity of the model the codes come from.</param>
/// <param name="ChunkCount">Chunks that codes are cut into, an index each.</param>
/// <param name="Shard">The number of this shard, from 0.</param>
/// <param name="Shards">How many shards the collection has.</param>
internal sealed record Layout(string Schema, int Bits, string Model, int ChunkCount, int Shard, int Shards)
{
    /// <summary>What all shards must agree in.</summary>
    public Identity Identity => new(Bits, Model);

    public CodeChunks Chunks { get; } = new(Bits, ChunkCount);

    /// <summary>The table of the items.</summary>
    public string Items => ItemsOf(Schema);

    public static string ItemsOf(string schema) => $"\"{schema}\".items";

    public static string CollectionOf(string schema) => $"\"{schema}\".collection";

    /// <summary>The expression that the index of a chunk is made of. A statement that uses the index has it word by word.</summary>
    public string Chunk(int chunk) => $"cast(substring(code, {Chunks.StartOf(chunk) + 1}, {Chunks.WidthOf(chunk)}) as int4)";

    /// <summary>Makes the indexes of chunks. They hold the code and the id besides, so that a search reads nothing else.</summary>
    public string CreateIndexes() => string.Concat(Enumerable.Range(0, ChunkCount).Select(chunk =>
        $"create index items_chunk_{chunk} on {Items} (({Chunk(chunk)})) include (code, id);\n"));

    public string DropIndexes() => string.Concat(Enumerable.Range(0, ChunkCount).Select(chunk => $"drop index if exists \"{Schema}\".items_chunk_{chunk};\n"));
}

/// <summary>What the codes of a collection are.</summary>
internal sealed record Identity(int Bits, string Model);
