using System.Diagnostics;
using Tern.Cli;
using Tern.Encoding;
using Tern.Evaluation;
using Tern.Index;
using Tern.Torch;
using Tern.Torch.Weights;
using Tern.Training.Export;
using Tern.Training.Recipes;
using Tern.Training.Reports;
using Tern.Training.Runs;

namespace Tern.Training.Tests.Runs;

public sealed class PipelineTests : IDisposable
{
    private readonly TinyRuns runs = new();

    public void Dispose() => runs.Dispose();

    [Fact]
    public void A_run_leaves_everything_and_a_second_one_finds_it_up_to_date()
    {
        Recipe recipe = Read();
        List<RunEvent> first = Run(recipe), second = Run(recipe);
        Assert.Equal(18, first.OfType<StageFinished>().Count());
        Assert.Equal(18, second.OfType<StageUpToDate>().Count());
        Assert.Empty(second.OfType<StageStarted>());

        RunSummary summary = RunSummary.FromJson(File.ReadAllText(At("run/summary.json")));
        Assert.Equal(["teacher", "student-plain", "student", "ternary"], summary.Stages.Select(stage => stage.Name));
        Assert.All(summary.Stages, stage => Assert.InRange(stage.Map!.Value, 0.6, 1));          // three classes: chance is 1/3
        // DSH at 16x16, one channel: 25*32*256 + 800*32*64 + 800*64*16, 64*2*2*500, 500*12, 12*3.
        Assert.Equal(204_800 + 1_638_400 + 819_200 + 128_000 + 6_000 + 36, summary.Stages[2].MultiplyAdds);
        Assert.True(summary.Stages[3].Bytes < summary.Stages[2].Bytes);
        Assert.Contains("<html", File.ReadAllText(At("run/report.html")));
        Assert.Empty(Directory.GetFiles(At("run"), "checkpoint*", SearchOption.AllDirectories));
        using ImageIndex index = ImageIndex.Open(At("run/index"));
        Assert.Equal(90, index.Codes.Count);
        Assert.Equal("1", index.Search(MadeData.Picture(1, 500))[0].Label);
    }

    [Fact]
    public void Sizes_are_those_of_the_files_and_the_compressed_model_is_the_same_model()
    {
        Run(Read());
        long student = new FileInfo(At("run/student/model.onnx")).Length;
        foreach (string network in new[] { "teacher", "student", "ternary" })
        {
            ModelSize size = ModelSize.FromJson(File.ReadAllText(At($"run/{network}/sizes.json")));
            Assert.Equal((new FileInfo(At($"run/{network}/model.onnx")).Length, new FileInfo(At($"run/{network}/model.onnx.br")).Length), (size.PackedBytes, size.CompressedBytes));
            if (network == "ternary") Assert.Equal(student, size.FloatBytes);               // the same network with floats
            ImageEncoder plain = ImageEncoder.Open(At($"run/{network}/model.onnx")), compressed = ImageEncoder.Open(At($"run/{network}/model.onnx.br"));
            Assert.Equal(plain.ModelIdentity, compressed.ModelIdentity);
            Assert.All(File.ReadLines(At($"run/{network}/evaluation.jsonl")), line => Assert.Equal(plain.ModelIdentity, Measurement.FromJson(line).Model));
        }
        Assert.Contains("quantised layers", File.ReadAllText(At("run/report.html")));
    }

    [Theory]
    [InlineData("quantize.bits=2", "ternary")]
    [InlineData("quantize.bits=8", "quantized")]
    public void Without_epochs_the_students_weights_are_quantised_as_they_are(string bits, string name)
    {
        Run(Read("quantize.training.epochs=0", bits));
        using var scope = new TensorScope();
        IReadOnlyDictionary<string, Tensor> student = SafetensorsFile.Read(At("run/student/weights.safetensors")).Tensors;
        IReadOnlyDictionary<string, Tensor> quantized = SafetensorsFile.Read(At($"run/{name}/weights.safetensors")).Tensors;
        foreach ((string weight, Tensor tensor) in student)                                  // batch statistics among them
            Assert.Equal(tensor.To(DType.Float32).ToArray<float>(), quantized[weight].To(DType.Float32).ToArray<float>());
        Assert.Empty(File.ReadAllText(At($"run/{name}/metrics.jsonl")));
        Assert.True(File.Exists(At("run/report.html")));
        if (name != "ternary") return;
        float[] hash = student["hash.weight"].ToArray<float>();
        float limit = 0.05f * hash.Max(MathF.Abs);
        Assert.Equal(hash.Where(value => value > limit).Average(), quantized["hash.parametrization.positive"].ToArray<float>()[0], 1e-5);
        Assert.Equal(-hash.Where(value => value < -limit).Average(), quantized["hash.parametrization.negative"].ToArray<float>()[0], 1e-5);
    }

    [Fact]
    public void Quantising_convolutions_is_warned_of()
    {
        static string[] Warnings(List<RunEvent> events) => [.. events.OfType<RunWarning>().Select(warning => warning.Text).Where(text => text.Contains("convolution"))];
        Assert.Empty(Warnings(Run(Read())));
        Assert.Empty(Warnings(Run(Read("quantize.training.epochs=0", "quantize.bits=8", "quantize.layers=[\"convolution\"]"))));
        string warning = Assert.Single(Warnings(Run(Read("quantize.training.epochs=1", "quantize.layers=[\"convolution\", {\"match\": \"hash\", \"zeroRatio\": 0.4}]"))));
        Assert.Contains("takes 2 convolutions to two bits or one: expect to lose much accuracy", warning);
        Assert.Equal(["backbone.conv2", "backbone.conv3", "hash"], ModelSize.FromJson(File.ReadAllText(At("run/ternary/sizes.json"))).Layers.Select(layer => layer.Name));
    }

    [Fact]
    public void A_class_none_of_whose_pictures_can_be_read_is_told()
    {
        MadeData.Folder(At("photos"));
        foreach (string file in Directory.GetFiles(At("photos/train/class1"))) File.WriteAllBytes(file, []);
        var told = new TinyRuns.Events();

        RunData.Load(Read("data.path=photos"), told, default);

        Assert.Contains(told.All.OfType<RunWarning>(), warning => warning.Text.StartsWith("class 'class1' has no training picture that can be read", StringComparison.Ordinal));
    }

    [Fact]
    public void Codes_of_another_model_are_not_put_into_the_index()
    {
        Run(Read());
        string timing = File.ReadAllText(At("run/ternary/timing.json")), ours = ImageEncoder.Open(At("run/ternary/model.onnx")).ModelIdentity;
        Assert.Contains(ours, timing);
        string other = ImageEncoder.Open(At("run/student/model.onnx")).ModelIdentity;
        File.WriteAllText(At("run/ternary/timing.json"), timing.Replace(ours, other));
        Directory.Delete(At("run/index"), recursive: true);
        string message = Assert.Throws<TernException>(() => Run(Read(), stage => stage == "index")).Message;
        Assert.Contains(ours, message);
        Assert.Contains(other, message);
    }

    [Fact]
    public void Without_a_teacher_the_student_learns_from_labels()
    {
        Run(Read("teacher=null", """student.objective=[{ "type": "dshPairs" }]""", "student.training.optimizer.learningRate=0.001"));

        Assert.Equal(["student", "ternary"], RunSummary.FromJson(File.ReadAllText(At("run/summary.json"))).Stages.Select(stage => stage.Name));
        Assert.Contains("teacher: is missing, and codeDistillation learns from one", Assert.Throws<TernException>(() => Read("teacher=null")).Message);
    }

    [Fact]
    public void A_network_whose_output_is_lost_is_reported_with_what_to_do()
    {
        string message = Assert.Throws<TernException>(() => Run(Read("teacher=null", """student.objective=[{ "type": "dshPairs" }]""", "student.training.optimizer.learningRate=1000"))).Message;

        Assert.Contains("lower optimizer.learningRate", message);
    }

    [Fact]
    public void A_changed_value_runs_what_depends_on_it_and_nothing_else()
    {
        Run(Read());
        string[] again = [.. Run(Read("quantize.threshold=0.2")).OfType<StageStarted>().Select(stage => stage.Stage)];
        Assert.Contains("ternary", again);
        Assert.Contains("report", again);
        Assert.DoesNotContain("teacher", again);
        Assert.DoesNotContain("student", again);
    }

    [Fact]
    public void A_stage_whose_file_was_damaged_runs_again()
    {
        Run(Read());
        File.AppendAllText(At("run/student/weights.safetensors"), "x");
        Assert.Contains("student", Run(Read()).OfType<StageStarted>().Select(stage => stage.Stage));
    }

    [Fact]
    public void An_index_that_lost_a_file_is_made_again()
    {
        Run(Read());
        File.Delete(Directory.GetFiles(At("run/index"), "segment-*").Single());
        Assert.NotEmpty(ImageIndex.Verify(At("run/index")));
        Assert.Equal(["index"], Run(Read()).OfType<StageStarted>().Select(stage => stage.Stage));
        Assert.Empty(ImageIndex.Verify(At("run/index")));
        File.Delete(At("run/index/model.onnx"));
        Assert.Contains("model.onnx", Assert.Single(ImageIndex.Verify(At("run/index"))));
    }

    [Fact]
    public void Another_recipe_in_the_same_folder_leaves_a_stopped_ones_checkpoint()
    {
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Pipeline.Run(Read(), At("run"), TimeProvider.System, new StopAtFirstStep(stop), stop.Token));
        string checkpoint = Assert.Single(Directory.GetFiles(At("run/teacher"), "checkpoint-*"));
        Run(Read("teacher.training.epochs=1"), stage => stage == "teacher");
        Assert.True(File.Exists(checkpoint));
    }

    [Fact]
    public void A_stage_alone_needs_the_one_before_it_and_says_so()
    {
        string message = Assert.Throws<TernException>(() => Run(Read(), stage => stage == "student")).Message;
        Assert.Contains("no trained teacher yet", message);
        Run(Read(), stage => stage == "teacher");
        Run(Read(), stage => stage == "student");
        Assert.True(File.Exists(At("run/student/weights.safetensors")));
    }

    [Fact]
    public void Two_processes_do_not_share_a_run_folder()
    {
        using RunFolder held = RunFolder.Open(At("run"));
        Assert.Contains("another tern", Assert.Throws<TernException>(() => Run(Read())).Message);
    }

    [Fact]
    public void A_run_killed_at_any_point_and_started_again_ends_at_the_same_numbers()
    {
        string recipe = runs.WriteRecipe();
        Assert.Equal(0, Wait(Start(recipe, At("whole"))));
        var random = new Random(4);
        int kills = 0;
        for (int attempt = 0; attempt < 12; attempt++)
        {
            using Process process = Start(recipe, At("killed"));
            if (process.WaitForExit(700 + 150 * attempt + random.Next(300))) break;
            process.Kill();                                                               // SIGKILL
            process.WaitForExit();
            kills++;
        }
        Assert.True(kills >= 3, $"only {kills} runs were killed before one ended");
        Assert.Equal(0, Wait(Start(recipe, At("killed"))));
        foreach (string network in new[] { "teacher", "student-plain", "student", "ternary" })
            foreach (string file in new[] { "weights.safetensors", "metrics.jsonl", "evaluation.jsonl", "model.onnx" })
                Assert.Equal(File.ReadAllBytes(At($"whole/{network}/{file}")), File.ReadAllBytes(At($"killed/{network}/{file}")));
    }

    private static Process Start(string recipe, string output) =>
        Process.Start(new ProcessStartInfo("dotnet", [typeof(TernCommand).Assembly.Location, "run", recipe, "--out", output]) { RedirectStandardError = true, RedirectStandardOutput = true })!;

    private static int Wait(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        output.Wait();
        Assert.True(process.ExitCode == 0, errors);
        return process.ExitCode;
    }

    private List<RunEvent> Run(Recipe recipe, Func<string, bool>? chosen = null) => runs.Run(recipe, chosen);

    private Recipe Read(params string[] overrides) => runs.Read(overrides);

    private string At(string relative) => runs.At(relative);

    private sealed class StopAtFirstStep(CancellationTokenSource stop) : IProgress<RunEvent>
    {
        public void Report(RunEvent value)
        {
            if (value is TrainingAdvanced) stop.Cancel();
        }
    }
}
