using Tern.Torch;
using Tern.Training.Export;

namespace Tern.Training.Runs.Stages;

/// <summary>Writes a trained network as model.onnx.</summary>
public sealed class ExportStage(RunContext context, NetworkRole role) : Stage(context)
{
    public override string Name => $"export {role.Name}";

    public override string Inputs => string.Join('\n', Training, Context.Data.Fingerprint, TrainedNetwork.Hash(Context, role), TeacherHash);

    public override IReadOnlyList<string> Outputs => [role.ModelFile];

    private string TeacherHash => role.Teacher is { } teacher ? TrainedNetwork.Hash(Context, teacher) : "";

    /// <summary>Everything the weights depend on: unlike the whole recipe it stays the same where another part changes.</summary>
    private string Training => RunContext.Hash(new TrainStage(Context, role).Inputs);

    public override void Run()
    {
        using var scope = new TensorScope();
        var lineage = new Lineage(role.Name, Training, Context.Data.Fingerprint, TeacherHash);
        byte[] model = OnnxExporter.Export(TrainedNetwork.Load(Context, role), Context.Recipe.Data, lineage);
        AtomicFile.Write(Context.Folder[role.ModelFile], stream => stream.Write(model));
    }
}
