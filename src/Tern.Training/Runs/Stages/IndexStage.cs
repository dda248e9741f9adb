using Tern.Codes;
using Tern.Encoding;
using Tern.Evaluation;
using Tern.Index;

namespace Tern.Training.Runs.Stages;

/// <summary>Puts the training pictures' codes of the network to ship into an index folder that can be searched.</summary>
public sealed class IndexStage(RunContext context, NetworkRole role) : Stage(context)
{
    private const string Folder = "index";

    public override string Name => "index";

    // 2: format version 2 of the index folder.
    protected override int Version => 2;

    public override string Inputs => string.Join('\n', Context.Folder.Hash(role.ModelFile), Context.Folder.Hash(role.GalleryCodesFile), string.Join('\n', Context.Data.Train.Names));

    /// <summary>Every file of the index but the writer's lock.</summary>
    public override IReadOnlyList<string> Outputs =>
        [.. Directory.GetFiles(Context.Folder[Folder]).Select(file => Path.GetFileName(file)!).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Select(file => $"{Folder}/{file}")];

    public override void Run() => FreshFolder.Build(Context.Folder[Folder], Build);

    private void Build(string path)
    {
        using ImageIndex index = ImageIndex.Create(path, Context.Folder[role.ModelFile], new EncoderOptions { Threads = Context.Recipe.Cores });
        LabelledCodes gallery = EncodedPictures.ReadTrain(Context, role);
        if (gallery.Model is { } made) index.Codes.RequireModel(made);
        for (int i = 0; i < gallery.Codes.Count; i++) index.Codes.Add(Context.Data.Train.Names[i], gallery.Codes[i], gallery.Labels.Text(i, Context.Data.Train.Classes));
        index.Codes.Compact(Context.Cancellation);
    }
}
