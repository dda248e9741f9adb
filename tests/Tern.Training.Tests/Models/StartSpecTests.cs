using System.Text.Json;
using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Torch.Weights;
using Tern.Training.Data;
using Tern.Training.Models;

namespace Tern.Training.Tests.Models;

public sealed class StartSpecTests : IDisposable
{
    private static readonly ImageShape Input = new(16, 16, 1);
    private readonly TemporaryFolder folder = new();
    private readonly TensorScope scope = new();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_longer_code_starts_from_a_shorter_ones_backbone_and_a_hash_layer_of_its_own()
    {
        HashingNetwork shorter = Network(bits: 12, seed: 1), random = Network(bits: 24, seed: 2), longer = Network(bits: 24, seed: 2);
        new StartSpec(Save(shorter.StateDict), Fresh: ["hash", "classifier"]).Load(longer);
        foreach ((string name, Tensor tensor) in longer.StateDict)
            Assert.Equal(Bytes((name.StartsWith("backbone", StringComparison.Ordinal) ? shorter : random).StateDict[name]), Bytes(tensor));
        Assert.NotEqual(Bytes(random.StateDict["backbone.fc1.weight"]), Bytes(longer.StateDict["backbone.fc1.weight"]));
    }

    [Fact]
    public void A_fresh_layer_stays_random_even_where_the_files_would_fit()
    {
        HashingNetwork trained = Network(bits: 12, seed: 1), random = Network(bits: 12, seed: 2), network = Network(bits: 12, seed: 2);
        new StartSpec(Save(trained.StateDict), Fresh: ["hash"]).Load(network);
        Assert.Equal(Bytes(random.StateDict["hash.weight"]), Bytes(network.StateDict["hash.weight"]));
        Assert.Equal(Bytes(trained.StateDict["classifier.weight"]), Bytes(network.StateDict["classifier.weight"]));
    }

    [Fact]
    public void What_does_not_fit_is_named_with_both_shapes_and_what_to_do_and_nothing_is_copied()
    {
        HashingNetwork network = Network(bits: 24, seed: 2), untouched = Network(bits: 24, seed: 2);
        string message = Refused(new StartSpec(Save(Network(bits: 12, seed: 1).StateDict)), network);
        Assert.Contains("hash.weight: the network has [24, 500], the file [12, 500]; add \"hash\" to start.fresh", message);
        Assert.Contains("classifier.weight: the network has [3, 24], the file [3, 12]; add \"classifier\" to start.fresh", message);
        Assert.DoesNotContain("conv1", message);
        foreach ((string name, Tensor tensor) in untouched.StateDict) Assert.Equal(Bytes(tensor), Bytes(network.StateDict[name]));
    }

    [Fact]
    public void Missing_and_surplus_tensors_are_named_and_surplus_ones_can_be_ignored()
    {
        Dictionary<string, Tensor> state = Network(bits: 12, seed: 1).StateDict.ToDictionary();
        state.Remove("backbone.fc1.bias");
        state["head.scale"] = Tensor.Ones([2, 3]);
        string path = Save(state);
        string message = Refused(new StartSpec(path), Network(12, 2));
        Assert.Contains("backbone.fc1.bias [500]: the file has no such tensor; add \"backbone.fc1\" to start.fresh", message);
        Assert.Contains("head.scale [2, 3]: in the file, without a place in the network; add \"head\" to start.ignore", message);
        new StartSpec(path, Fresh: ["backbone.fc1.bias"], Ignore: ["head"]).Load(Network(12, 2));
        Assert.Contains("head.scale", Refused(new StartSpec(path, Fresh: ["backbone.fc1.bias"], Ignore: ["hea"]), Network(12, 2)));
    }

    [Fact]
    public void Weights_of_a_backbone_alone_go_into_it()
    {
        HashingNetwork trained = Network(bits: 12, seed: 1), network = Network(bits: 12, seed: 2);
        string path = Save(trained.Backbone.StateDict);
        Assert.Contains("set start.into to \"backbone\"", Refused(new StartSpec(path), network));
        Assert.Contains("hash.weight [12, 500]: the file has no such tensor", Refused(new StartSpec(path, Into: "backbone"), network));
        new StartSpec(path, Fresh: ["hash", "classifier"], Into: "backbone").Load(network);
        Assert.Equal(Bytes(trained.StateDict["backbone.conv2.weight"]), Bytes(network.StateDict["backbone.conv2.weight"]));
    }

    [Fact]
    public void A_file_of_PyTorchs_loads_by_name()
    {
        string fixtures = Path.Combine(AppContext.BaseDirectory, "fixtures");
        var network = new Saved();
        Tensor fresh = network.StateDict["3.bias"].Detach().Clone();
        new StartSpec(Path.Combine(fixtures, "small.pth"), Fresh: ["3.bias"], Ignore: ["half", "view"]).Load(network);
        JsonElement expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(fixtures, "small.json"))).RootElement;
        foreach (string name in new[] { "0.weight", "1.weight", "1.running_var", "3.weight" })
            Assert.Equal(expected.GetProperty(name).GetProperty("values").EnumerateArray().Select(value => value.GetSingle()), network.StateDict[name].ToArray<float>());
        Assert.Equal(Bytes(fresh), Bytes(network.StateDict["3.bias"]));
    }

    [Fact]
    public void A_mistyped_fresh_name_is_not_taken_for_one_that_fits()
    {
        string message = Refused(new StartSpec(Save(Network(12, 1).StateDict), Fresh: ["hsah"]), Network(12, 2));
        Assert.Contains("the network has nothing named 'hsah'", message);
    }

    [Fact]
    public void A_file_that_knows_somebody_who_must_not_be_known_is_refused()
    {
        HashingNetwork trained = Network(12, 1), network = Network(12, 2);
        LearnedPictures knows = new("data of another fold", "part") { People = ["Ada", "Bea", "Cem"] };
        string path = folder["knows.safetensors"];
        using (FileStream stream = File.Create(path)) SafetensorsFile.Write(stream, trained.StateDict, knows.Metadata);
        Assert.Equal(knows.People, LearnedPictures.Read(SafetensorsFile.Read(path).Metadata)!.People);
        LearnedPictures here = new("data", "part");
        string message = Assert.Throws<TernException>(() => new StartSpec(path).Load(network, here with { Apart = ["Dan", "bea", "Cem"] })).Message;
        Assert.Contains("has learned from Bea and 1 others, tested or held back here", message);
        new StartSpec(path).Load(network, here with { Apart = ["Dan"] });
        Assert.Equal(Bytes(trained.StateDict["hash.weight"]), Bytes(network.StateDict["hash.weight"]));
    }

    [Fact]
    public void A_file_nothing_of_which_is_used_is_refused()
    {
        string path = Save(Network(12, 1).StateDict);
        Assert.Contains("nothing of", Refused(new StartSpec(path, Fresh: ["backbone", "hash", "classifier"]), Network(12, 2)));
        Assert.Contains("nothing of", Refused(new StartSpec(path, Fresh: ["backbone", "hash", "classifier"], Ignore: ["backbone", "hash", "classifier"]), Network(12, 2)));
    }

    [Fact]
    public void A_file_that_is_not_there_or_damaged_is_named()
    {
        var missing = new StartSpec(folder["none.safetensors"]);
        Assert.Contains("none.safetensors", Assert.Throws<TernException>(missing.Hash).Message);
        Assert.Contains("none.safetensors", Refused(missing, Network(12, 1)));
        File.WriteAllText(folder["damaged.pth"], "no zip");
        Assert.Contains("damaged.pth", Refused(new StartSpec(folder["damaged.pth"]), Network(12, 1)));
    }

    [Theory]
    [InlineData("weights.onnx", null, null, "weights: must be a .safetensors, .pth or .pt file; got 'weights.onnx'")]
    [InlineData("w.pth", "", null, "fresh: must hold dotted names such as hash; got ''")]
    [InlineData("w.pth", "hash.", null, "got 'hash.'")]
    [InlineData("w.pth", null, ".backbone", "into: must be a dotted name such as backbone")]
    public void Problems_are_told(string weights, string? fresh, string? into, string expected) =>
        Assert.Contains(expected, Assert.Single(new StartSpec(weights, fresh is null ? null : [fresh], Into: into).Problems()));

    private static string Refused(StartSpec start, Module network) => Assert.Throws<TernException>(() => start.Load(network)).Message;

    private static HashingNetwork Network(int bits, ulong seed)
    {
        TorchRuntime.Seed(seed);
        return new DshSpec().Build(Input, bits, 3);
    }

    private string Save(IReadOnlyDictionary<string, Tensor> tensors)
    {
        string path = folder["start.safetensors"];
        using FileStream stream = File.Create(path);
        SafetensorsFile.Write(stream, tensors);
        return path;
    }

    private static byte[] Bytes(Tensor tensor) => tensor.Detach().Contiguous().Span<byte>().ToArray();

    /// <summary>The network whose state dict small.pth holds.</summary>
    private sealed class Saved : Module
    {
        public Saved()
        {
            Add("0", new Conv2d(2, 3, 3, bias: false));
            Add("1", new BatchNorm2d(3));
            Add("3", new Linear(12, 2));
        }
    }
}
