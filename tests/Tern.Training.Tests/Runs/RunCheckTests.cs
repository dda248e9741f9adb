using Tern.Torch;
using Tern.Torch.Weights;
using Tern.Training.Recipes;
using Tern.Training.Runs;

namespace Tern.Training.Tests.Runs;

/// <summary>Weights that a run starts from, and what is refused before its first network is trained.</summary>
public sealed class RunCheckTests : IDisposable
{
    private readonly TinyRuns runs = new();

    public void Dispose() => runs.Dispose();

    [Fact]
    public void A_network_starts_from_weights_of_a_file_and_runs_again_when_the_file_changes()
    {
        runs.Run(runs.Read(), stage => stage == "teacher");
        Directory.Move(runs.At("run/teacher"), runs.At("before"));
        string[] start =
        [
            """teacher.start={ "weights": "before/weights.safetensors", "fresh": ["hash", "classifier"] }""", "bits=16",
            "teacher.training.epochs=1", "teacher.training.optimizer.learningRate=1e-12",           // stays where it starts
        ];
        runs.Run(runs.Read(start), stage => stage == "teacher");
        using (new TensorScope())
        {
            float[] expected = Weights("before/weights.safetensors", "backbone.conv1.weight"), actual = Weights("run/teacher/weights.safetensors", "backbone.conv1.weight");
            foreach ((float a, float b) in expected.Zip(actual)) Assert.Equal(a, b, 1e-6);
        }
        Assert.Empty(runs.Run(runs.Read(start), stage => stage == "teacher").OfType<StageStarted>());
        runs.Run(runs.Read("teacher.training.epochs=1", "teacher.training.batchSize=8"), stage => stage == "teacher");
        File.Copy(runs.At("run/teacher/weights.safetensors"), runs.At("before/weights.safetensors"), overwrite: true);
        Assert.Single(runs.Run(runs.Read(start), stage => stage == "teacher").OfType<StageStarted>());
    }

    [Fact]
    public void Weights_that_do_not_fit_a_later_network_stop_the_run_before_the_first()
    {
        runs.Run(runs.Read(), stage => stage == "teacher");
        var events = new TinyRuns.Events();
        Recipe recipe = runs.Read("""student.start={ "weights": "run/teacher/weights.safetensors" }""", "teacher.training.epochs=1");
        string message = Assert.Throws<TernException>(() => Pipeline.Run(recipe, runs.At("run"), TimeProvider.System, events, default)).Message;
        Assert.Contains("backbone.fc1.weight", message);
        Assert.Empty(events.All.OfType<StageStarted>());
    }

    [Fact]
    public void Too_few_bits_for_the_classes_are_told_before_any_network_is_trained()
    {
        var events = new TinyRuns.Events();
        Recipe recipe = runs.Read("bits=1", """student.objective=[{ "type": "csq" }]""");
        string message = Assert.Throws<TernException>(() => Pipeline.Run(recipe, runs.At("run"), TimeProvider.System, events, default)).Message;
        Assert.Contains("student.objective[0]: csq: no 3 different codes, one for each class, were found", message);
        Assert.Empty(events.All.OfType<StageStarted>());
    }

    [Theory]
    [InlineData("seed=2")]
    [InlineData("data.validation=8")]
    public void Weights_that_have_learned_held_back_pictures_are_refused(string other)
    {
        runs.Run(runs.Read(), stage => stage == "teacher");
        Recipe recipe = runs.Read("""teacher.start={ "weights": "run/teacher/weights.safetensors" }""", other);
        string message = Assert.Throws<TernException>(() => Pipeline.Run(recipe, runs.At("run2"), TimeProvider.System, new TinyRuns.Events(), default)).Message;
        Assert.Contains("has learned from other pictures of this data set", message);
        Assert.Contains("same seed and data.validation", message);
    }

    [Fact]
    public void Names_of_parameters_are_checked_before_the_first_network_is_trained()
    {
        var events = new TinyRuns.Events();
        Recipe Factor(string match) => runs.Read($$"""quantize.training.parameters=[{ "match": "{{match}}", "learningRate": 0.1 }]""");
        string message = Assert.Throws<TernException>(() => Pipeline.Run(Factor("hash.positive"), runs.At("run"), TimeProvider.System, events, default)).Message;
        Assert.Contains("'hash.positive' matches no parameter; the network has", message);
        Assert.Contains("hash.parametrization.positive", message);
        Assert.Empty(events.All.OfType<StageStarted>());
        Assert.NotEmpty(runs.Run(Factor("hash.parametrization.*")).OfType<StageFinished>());
    }

    private float[] Weights(string file, string name) => SafetensorsFile.Read(runs.At(file)).Tensors[name].ToArray<float>();
}
