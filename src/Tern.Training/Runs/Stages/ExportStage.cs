using Tern.Encoding;
using Tern.Torch;
using Tern.Training.Data;
using Tern.Training.Export;
using Tern.Training.Models;

namespace Tern.Training.Runs.Stages;

/// <summary>Writes a trained network as model.onnx, the same compressed, and what both cost.</summary>
public sealed class ExportStage(RunContext context, NetworkRole role) : Stage(context)
{
    public override string Name => $"export {role.Name}";

    public override string Inputs => string.Join('\n', Training, Context.Data.Fingerprint, TrainedNetwork.Hash(Context, role), TeacherHash);

    public override IReadOnlyList<string> Outputs => [role.ModelFile, role.CompressedModelFile, role.SizesFile];

    private string TeacherHash => role.Teacher is { } teacher ? TrainedNetwork.Hash(Context, teacher) : role.Shown?.Hash() ?? "";

    /// <summary>Everything the weights depend on: unlike the whole recipe it stays the same where another part changes.</summary>
    private string Training => new TrainStage(Context, role).InputsHash;

    public override void Run()
    {
        using var scope = new TensorScope();
        var lineage = new Lineage(role.Name, Training, Context.Data.Fingerprint, TeacherHash)
        {
            People = TrainedNetwork.People(Context, role) is { Count: > 0 } people ? KnownPeople.Text(people) : null,
        };
        HashingNetwork network = TrainedNetwork.Load(Context, role);
        byte[] model = OnnxExporter.Export(network, Context.Recipe.Data, lineage);
        byte[] compressed = Task.Run(() => CompressedModel.Compress(model)).WaitAsync(Context.Cancellation).GetAwaiter().GetResult();          // seconds a megabyte
        AtomicFile.Write(Context.Folder[role.ModelFile], stream => stream.Write(model));
        AtomicFile.Write(Context.Folder[role.CompressedModelFile], stream => stream.Write(compressed));
        AtomicFile.WriteText(Context.Folder[role.SizesFile], ModelSize.Of(network, Context.Recipe.Data, model, compressed).ToJson());
    }
}
