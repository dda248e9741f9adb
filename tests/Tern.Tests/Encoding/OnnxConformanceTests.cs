using Tern.Encoding;
using Tern.Encoding.Graphs;
using Tern.Encoding.Kernels;
using Tern.Encoding.Onnx;

namespace Tern.Tests.Encoding;

/// <summary>
/// ONNX's own test suite as Debian packages it (libonnx-testdata 1.12): every test made only of operators we claim, its inputs and its
/// expected outputs. What we do not run although we know the operators stands in <see cref="OnnxExclusions"/> with the reason.
/// </summary>
public class OnnxConformanceTests
{
    private const string Root = "/usr/share/libonnx-testdata/data";
    private const string Missing = "Debian's libonnx-testdata is not installed";

    public static TheoryData<string> Tests()
    {
        var tests = new TheoryData<string>();
        foreach (string test in Claimed().Where(test => !OnnxExclusions.Reasons.ContainsKey(test)).DefaultIfEmpty("none"))
            tests.Add(test);
        return tests;
    }

    [SkippableTheory]
    [MemberData(nameof(Tests))]
    public void Operator_gives_what_onnx_expects(string test)
    {
        Skip.IfNot(Directory.Exists(Root), Missing);
        Run(test);
    }

    [SkippableFact]
    public void Most_of_the_suite_is_run()
    {
        Skip.IfNot(Directory.Exists(Root), Missing);
        int run = Claimed().Count(test => !OnnxExclusions.Reasons.ContainsKey(test));
        Assert.True(run >= 390, $"{run} tests are run");
    }

    [SkippableFact]
    public void Every_claimed_operator_has_a_test()
    {
        Skip.IfNot(Directory.Exists(Root), Missing);
        var tested = Claimed().Where(test => !OnnxExclusions.Reasons.ContainsKey(test)).SelectMany(Operations).ToHashSet();
        Assert.Equal(["LpNormalization", FunctionInliner.TernaryLinear], Operators.Names.Where(name => !tested.Contains(name)).Order());
    }

    [SkippableFact]
    public void No_exclusion_is_stale()
    {
        Skip.IfNot(Directory.Exists(Root), Missing);
        foreach (string test in OnnxExclusions.Reasons.Keys)
        {
            Assert.Contains(test, Claimed());
            Assert.Throws<TernException>(() => Run(test));
        }
    }

    /// <summary>Tests all of whose operators, those of functions included, we claim.</summary>
    private static IEnumerable<string> Claimed()
    {
        var known = Operators.Names.ToHashSet();
        if (!Directory.Exists(Root))
            return [];
        return Directory.GetDirectories(Root).SelectMany(Directory.GetDirectories)
            .Where(folder => File.Exists(Path.Combine(folder, "model.onnx")))
            .Select(folder => Path.GetRelativePath(Root, folder))
            .Where(test => Operations(test).All(known.Contains)).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Operations(string test)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(Root, test, "model.onnx")));
        return model.Graph.Node.Select(node => node.HasDomain && node.Domain.Length > 0 ? $"{node.Domain}::{node.OpType}" : node.OpType);
    }

    private static void Run(string test)
    {
        string folder = Path.Combine(Root, test);
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, "model.onnx")));
        // A test carries the version that introduced its operator. Where that is before our first one, the operator is tested as of ours:
        // it is the same unless the test uses an attribute that was dropped, which is refused.
        foreach (OperatorSetIdProto opset in model.OpsetImport.Where(opset => opset.Domain.Length == 0 && opset.Version < 7))
            opset.Version = 7;
        using var file = new TemporaryModel(model);
        OnnxSession session = OnnxSession.Open(file.Path);
        foreach (string set in Directory.GetDirectories(folder, "test_data_set_*"))
            Compare(session, set);
        Assert.Equal(0, session.Borrow().Lent);                               // else every run would hold more, until there is no more
    }

    private static void Compare(OnnxSession session, string set)
    {
        var inputs = new Dictionary<string, OnnxTensor>();
        for (int i = 0; i < session.Inputs.Count; i++)
            inputs[session.Inputs[i].Name] = Read(Path.Combine(set, $"input_{i}.pb"));
        IReadOnlyDictionary<string, OnnxTensor> outputs = session.Run(inputs);
        for (int i = 0; i < session.Outputs.Count; i++)
            AssertClose(Read(Path.Combine(set, $"output_{i}.pb")), outputs[session.Outputs[i].Name]);
    }

    private static OnnxTensor Read(string file) => TensorProtos.Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(file)), file);

    // The tolerance of ONNX's own runner: 1e-5 + 1e-3 * |expected|.
    private static void AssertClose(OnnxTensor expected, OnnxTensor actual)
    {
        Assert.Equal(expected.ElementType, actual.ElementType);
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        if (expected.ElementType != OnnxElementType.Float)
        {
            Assert.Equal(expected.Bytes.ToArray(), actual.Bytes.ToArray());
            return;
        }
        ReadOnlySpan<float> e = expected.Values<float>(), a = actual.Values<float>();
        for (int i = 0; i < e.Length; i++)
        {
            bool same = e[i] == a[i] || float.IsNaN(e[i]) && float.IsNaN(a[i]) || MathF.Abs(e[i] - a[i]) <= 1e-5f + 1e-3f * MathF.Abs(e[i]);
            Assert.True(same, $"element {i}: expected {e[i]}, got {a[i]}");
        }
    }
}
