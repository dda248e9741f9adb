using Tern.Training.Recipes;

namespace Tern.Training.Tests.Recipes;

/// <summary>Every fault of a recipe: what is said, and that the line said is the line it stands on.</summary>
public sealed class RecipeFaultTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("\"bits\"", "\"bist\"", "bist: unknown 'bist'; did you mean 'bits'? Known here: name, bits, data, student, teacher, quantize, evaluate, seed, threads")]
    [InlineData("\"height\"", "\"hight\"", "data.hight: unknown 'hight'; did you mean 'height'?")]
    [InlineData("\"depth\"", "\"deph\"", "teacher.model.deph: unknown 'deph'; did you mean 'depth'? Known here: depth, width")]
    [InlineData("\"labelSmoothing\"", "\"smoothing\"", "teacher.objective[0].smoothing: unknown 'smoothing'; did you mean 'labelSmoothing'?")]
    [InlineData("\"epochs\": 1,\n", "\"epoch\": 1,\n", "teacher.training.epoch: unknown 'epoch'; did you mean 'epochs'?")]
    [InlineData("{ \"type\": \"flip\" }", "{ \"type\": \"flip\", \"xyzzyxyzzyxyzzy\": 1 }", "teacher.training.augment[0].xyzzyxyzzyxyzzy: unknown 'xyzzyxyzzyxyzzy'. Known here: probability")]
    [InlineData("\"weight\": 4", "\"wieght\": 4", "student.objective[1].wieght: unknown 'wieght'; did you mean 'weight'?")]
    [InlineData("\"weight\": 4", "\"needsTeacher\": true", "student.objective[1].needsTeacher: unknown 'needsTeacher'")]                // what a loss works out is no key
    [InlineData("\"threshold\"", "\"treshold\"", "quantize.treshold: unknown 'treshold'; did you mean 'threshold'?")]
    [InlineData("\"threads\"", "\"Threads\"", "Threads: unknown 'Threads'; did you mean 'threads'?")]
    public void An_unknown_key_is_told_with_its_line_and_the_nearest(string found, string replaced, string expected) => Refused(found, replaced, expected);

    [Theory]
    [InlineData("\"dsh\"", "\"dhs\"", "student.model.type: unknown 'dhs'; did you mean 'dsh'? Known here: dsh, cifarResNet")]
    [InlineData("\"flip\"", "\"rotate\"", "teacher.training.augment[0].type: unknown 'rotate'")]
    [InlineData("\"adam\"", "\"adm\"", "quantize.training.optimizer.type: unknown 'adm'; did you mean 'adam'? Known here: sgd, adam, adamW")]
    [InlineData("{ \"type\": \"dsh\" }", "{ }", "student.model.type: is missing. Known here: dsh, cifarResNet")]
    [InlineData("{ \"type\": \"dsh\" }", "{ \"type\": 3 }", "student.model.type: must be a text; got 3. Known here: dsh")]
    public void An_unknown_type_lists_those_that_exist(string found, string replaced, string expected) => Refused(found, replaced, expected);

    [Theory]
    [InlineData("\"bits\": 12", "\"bits\": \"twelve\"", "bits: must be a whole number; got \"twelve\"")]
    [InlineData("\"bits\": 12", "\"bits\": 12.5", "bits: must be a whole number; got 12.5")]
    [InlineData("\"bits\": 12", "\"bits\": 99999999999", "bits: must be at most 2147483647; got 99999999999")]
    [InlineData("\"bits\": 12", "\"bits\": null", "bits: must be a whole number; got null")]
    [InlineData("\"name\": \"small\"", "\"name\": 7", "name: must be a text in quotes; got 7")]
    [InlineData("\"name\": \"small\"", "\"name\": null", "name: must be a text in quotes; got null")]
    [InlineData("\"mean\": [0.5]", "\"mean\": 0.5", "data.mean: must be a list [...], each a number; got 0.5")]
    [InlineData("\"mean\": [0.5]", "\"mean\": [\"x\"]", "data.mean[0]: must be a number; got \"x\"")]
    [InlineData("\"mean\": [0.5]", "\"mean\": [null]", "data.mean[0]: must be a number; got null")]
    [InlineData("\"mean\": [0.5]", "\"mean\": [1e999]", "data.mean[0]: must be a number; got 1e999")]
    [InlineData("\"threshold\": 0.05", "\"threshold\": true", "quantize.threshold: must be a number; got true")]
    [InlineData("\"threads\": 2", "\"seed\": -1", "seed: must be a whole number of at least 0; got -1")]
    [InlineData("{ \"type\": \"dsh\" }", "\"dsh\"", "student.model: must be an object {...}; got \"dsh\"")]
    [InlineData("{ \"type\": \"dsh\" }", "[]", "student.model: must be an object {...}; got []")]
    [InlineData("[{ \"type\": \"flip\" }]", "[null]", "teacher.training.augment[0]: must be an object {...}; got null")]
    [InlineData("[{ \"type\": \"flip\" }]", "{ \"type\": \"flip\" }", "teacher.training.augment: must be a list [...], each an object {...}; got {\"type\":\"flip\"}")]
    [InlineData("\"threshold\": 0.05", "\"layers\": [null]", "quantize.layers[0]: must be a text in quotes or an object {...}; got null")]
    [InlineData("\"threshold\": 0.05", "\"layers\": [7]", "quantize.layers[0]: must be a text in quotes or an object {...}; got 7")]
    [InlineData("\"threshold\": 0.05", "\"layers\": \"hash\"", "quantize.layers: must be a list [...], each a text in quotes or an object {...}; got \"hash\"")]
    [InlineData("\"threshold\": 0.05", "\"layers\": [{ \"match\": \"hash\", \"bits\": 1.5 }]", "quantize.layers[0].bits: must be a whole number; got 1.5")]
    [InlineData("\"threshold\": 0.05", "\"layers\": [\"hash\", { \"match\": 3 }]", "quantize.layers[1].match: must be a text in quotes; got 3")]
    [InlineData("\"threshold\": 0.05", "\"layers\": [{ \"threshold\": 0.1 }]", "quantize.layers[0].match: is missing; add a text in quotes")]
    [InlineData("\"threshold\": 0.05", "\"layers\": [{ \"match\": \"hash\", \"zeroratio\": 0.1 }]", "quantize.layers[0].zeroratio: unknown 'zeroratio'; did you mean 'zeroRatio'? Known here: match, threshold, zeroRatio, bits")]
    [InlineData("\"validation\": 6", "\"validation\": 6, \"format\": \"jpeg\"", "data.format: unknown 'jpeg'. Known here: auto, idx, cifar10, folder, csv, nusWide")]
    [InlineData("\"validation\": 6", "\"validation\": 6, \"format\": \"Idx\"", "data.format: unknown 'Idx'; did you mean 'idx'?")]
    [InlineData("\"validation\": 6", "\"validation\": 6, \"format\": 1", "data.format: must be one of auto, idx, cifar10, folder, csv, nusWide, cub200, cars196, onlineProducts, inShop; got 1")]
    [InlineData("\"validation\": 6", "\"validation\": 6, \"resize\": \"idx,csv\"", "data.resize: unknown 'idx,csv'")]
    [InlineData("\"validation\": 6", "\"validation\": 6, \"holdBack\": \"clases\"", "data.holdBack: unknown 'clases'; did you mean 'classes'? Known here: pictures, classes")]
    [InlineData("\"validation\": 6", "\"validation\": 6, \"boxes\": 1", "data.boxes: must be true or false; got 1")]
    [InlineData("\"threads\": 2", "\"evaluate\": { \"recallAt\": [1, 1.5] }", "evaluate.recallAt[1]: must be a whole number; got 1.5")]
    [InlineData("\"validation\": 6", "\"validation\": 6, \"onBadImage\": \"stop\"", "data.onBadImage: unknown 'stop'; did you mean 'skip'? Known here: skip, fail")]
    public void A_value_of_the_wrong_kind_says_what_it_should_be(string found, string replaced, string expected)
    {
        string message = Refused(found, replaced, expected);
        Assert.DoesNotContain("System.", message);
        Assert.DoesNotContain("Tern.Training", message);
    }

    [Theory]
    [InlineData("\"mean\": [0.5],", "", "data.mean: is missing; add a list [...], each a number", 4)]
    [InlineData("\"epochs\": 1,\n", "\n", "teacher.training.epochs: is missing; add a whole number", 14)]
    [InlineData(", \"learningRate\": 5e-4", "", "quantize.training.optimizer.learningRate: is missing; add a number", 31)]
    public void A_missing_key_is_told_with_the_line_it_belongs_to(string found, string replaced, string expected, int line)
    {
        Assert.Contains(found, SmallRecipe.Text);
        string message = Message(SmallRecipe.Text.Replace(found, replaced));
        Assert.Contains($"line {line}: {expected}", message);
    }

    [Fact]
    public void A_teacher_that_sees_the_students_windows_must_take_any_size()
    {
        string text = SmallRecipe.Text.Replace("{ \"type\": \"cifarResNet\", \"depth\": 8, \"width\": 4 }", "{ \"type\": \"dsh\" }")
            .Replace("\"student\": {\n    \"model\": { \"type\": \"dsh\" }", "\"student\": {\n    \"teacherView\": \"same\",\n    \"model\": { \"type\": \"cifarResNet\" }")
            .Replace("\"training\": { \"epochs\": 1, \"batchSize\": 12, \"optimizer\": { \"type\": \"sgd\"", "\"training\": { \"epochs\": 2, \"window\": { \"epochs\": 1, \"side\": 12 }, \"optimizer\": { \"type\": \"sgd\"");
        Assert.Contains("student.training.window: the teacher looks at the same window", Message(text));
        Assert.DoesNotContain("window", Message(text.Replace("\"same\"", "\"fixed\"").Replace("\"bits\": 12", "\"bits\": 0")));
    }

    [Fact]
    public void A_missing_key_of_the_recipe_itself_has_no_line() =>
        Assert.Contains("\n  bits: is missing; add a whole number", Message(SmallRecipe.Text.Replace("\"bits\": 12,", "")));

    [Fact]
    public void Unknown_missing_and_mistyped_are_told_all_at_once()
    {
        string message = Message(SmallRecipe.Text.Replace("\"bits\": 12", "\"bist\": 12").Replace("\"dsh\"", "\"dhs\"").Replace("\"mean\": [0.5]", "\"mean\": 0.5"));
        Assert.Contains("line 3: bist: unknown", message);
        Assert.Contains("bits: is missing", message);
        Assert.Contains("line 7: data.mean: must be a list", message);
        Assert.Contains("line 22: student.model.type: unknown", message);
        Assert.Equal(5, message.Split('\n').Length);
    }

    [Fact]
    public void Values_out_of_range_are_told_all_at_once_with_their_lines()
    {
        string message = Message(SmallRecipe.Text.Replace("\"bits\": 12", "\"bits\": 2000").Replace("\"height\": 16", "\"height\": 4").Replace("[0.25]", "[0, 1]")
            .Replace("\"depth\": 8", "\"depth\": 9").Replace("{ \"type\": \"flip\" }", "{ \"type\": \"flip\", \"probability\": 2 }").Replace("\"weight\": 4", "\"weight\": -4")
            .Replace("\"threshold\": 0.05", "\"threshold\": 1.5, \"layers\": [], \"objective\": []").Replace("\"threads\": 2", "\"threads\": -2, \"evaluate\": { \"neighbours\": 0 }"));
        foreach (string expected in new[]
        {
            "line 3: bits: must lie in 1..1024; got 2000",
            "line 6: data.height: must lie in 8..1024; got 4",
            "line 8: data.deviation: must have a value per channel (1); got 2",
            "line 8: data.deviation: must be above 0; got 0, 1",
            "line 12: teacher.model.depth: must be 6n + 2",
            "line 18: teacher.training.augment[0].probability: must lie in 0..1; got 2",
            "line 25: student.objective[1].weight: must be at least 0; got -4",
            "line 30: quantize.threshold: must be at least 0 and below 1; got 1.5",
            "line 30: quantize.layers: needs at least one name",
            "line 30: quantize.objective: needs at least one term",
            "line 33: threads: must lie in 0..256, 0 for all cores; got -2",
            "line 33: evaluate.neighbours: must lie in 1..50; got 0",
        })
            Assert.Contains(expected, message);
    }

    [Theory]
    [InlineData("\"name\": \"small\"", "\"name\": \"a/b\"", "name: must be usable as a folder name; got 'a/b'")]
    [InlineData("\"name\": \"small\"", "\"name\": \"..\"", "name: must be usable as a folder name; got '..'")]
    [InlineData("\"path\": \"pictures\"", "\"path\": \"\"", "data.path: must be a folder or a .csv list; got ''")]
    [InlineData("\"path\": \"pictures\"", "\"path\": \"a\\u0000b\"", "data.path: must be a folder or a .csv list; got 'a\\0b'")]
    [InlineData("\"validation\": 6", "\"classes\": [\"a\", \"b\", \"a\"], \"validation\": 6", "data.classes: each name must stand once; got a, b, a")]
    [InlineData("\"validation\": 6", "\"trainClasses\": 0, \"validation\": 6", "data.trainClasses: must be at least 1; got 0")]
    [InlineData("\"threads\": 2", "\"evaluate\": { \"protocols\": [] }", "evaluate.protocols: needs at least one name; leave it out to take test-vs-train")]
    [InlineData("\"threads\": 2", "\"evaluate\": { \"protocols\": [\"test-vs-tran\"] }", "evaluate.protocols[0]: unknown 'test-vs-tran'; did you mean 'test-vs-train'? Known here: test-vs-train, 10k-vs-50k, test-vs-test")]
    [InlineData("\"threads\": 2", "\"evaluate\": { \"protocols\": [\"test-vs-train\", \"10k-vs-50k\"] }", "evaluate.protocols[1]: each protocol must stand once; got 10k-vs-50k")]
    [InlineData("\"threads\": 2", "\"evaluate\": { \"recallAt\": [] }", "evaluate.recallAt: must be whole numbers from 1 on, each larger than the one before; got ")]
    [InlineData("\"threads\": 2", "\"evaluate\": { \"recallAt\": [10, 100] }", "evaluate.recallAt: must be whole numbers from 1 on, each larger than the one before; got 10, 100")]
    [InlineData("\"threads\": 2", "\"evaluate\": { \"recallAt\": [1, 10, 10] }", "evaluate.recallAt: must be whole numbers from 1 on, each larger than the one before; got 1, 10, 10")]
    [InlineData("\"threads\": 2", "\"evaluate\": { \"protocols\": [\"pairs\"] }", "evaluate.protocols: pairs judges pairs, and none are named; add \"pairs\": {\"file\": \"pairs.txt\"} to data")]
    [InlineData("\"threads\": 2", "\"evaluate\": { \"protocols\": [\"pairs-drak\"] }", "evaluate.protocols[0]: unknown 'pairs-drak'; did you mean 'pairs-dark'?")]
    [InlineData("\"threads\": 2", "\"evaluate\": { \"protocols\": [\"pairs\", \"test-vs-train\"] }", "evaluate.protocols[1]: those of retrieval stand before those of pairs; got test-vs-train after pairs")]
    [InlineData("\"threads\": 2", "\"evaluate\": { \"mirror\": \"avrage\" }", "evaluate.mirror: unknown 'avrage'; did you mean 'average'? Known here: none, average, concatenate")]
    [InlineData("\"validation\": 6", "\"validation\": 6, \"pairs\": { \"file\": \"pairs.doc\" }", "data.pairs.file: must be a .txt list as LFW's, or a .csv list; got 'pairs.doc'")]
    [InlineData("\"validation\": 6", "\"validation\": 6, \"pairs\": { \"file\": \"pairs.txt\", \"folds\": [0] }", "data.pairs.folds: must be different numbers from 1 on, or left out for all folds; got 0")]
    [InlineData("\"validation\": 6", "\"validation\": 6, \"pairs\": { \"file\": \"pairs.txt\", \"minimum\": 0 }", "data.pairs.minimum: must be at least 1; got 0")]
    [InlineData("\"validation\": 6", "\"validation\": 6, \"pairs\": { \"folds\": [1] }", "data.pairs.file: is missing; add a text in quotes")]
    [InlineData("\"validation\": 6", "\"validation\": 6, \"pairs\": { \"file\": \"pairs.txt\" }, \"format\": \"idx\"", "data.format: pairs go with a folder of people; leave format out; got Idx")]
    [InlineData("\"validation\": 6", "\"validation\": 6, \"pairs\": { \"file\": \"pairs.txt\" }, \"trainClasses\": 3", "data.trainClasses: the list of pairs decides who is learned from; remove it; got 3")]
    [InlineData("\"validation\": 6", "\"validation\": 6, \"pairs\": { \"file\": \"pairs.txt\" }, \"boxes\": true", "data.boxes: a folder of people has none; remove it; got true")]
    [InlineData("\"validation\": 6", "\"validation\": 6, \"pairs\": { \"file\": \"pairs.txt\" }, \"holdBack\": \"pictures\"", "data.holdBack: people are held back as a whole where pairs are reported on; leave it out; got pictures")]
    [InlineData("\"augment\": [{ \"type\": \"flip\" }]", "\"batches\": { \"type\": \"balanced\", \"classes\": 3, \"perClass\": 5 }", "teacher.training.batches.classes: classes x perClass must be even and at most 1048576; got 3 x 5")]
    [InlineData("\"augment\": [{ \"type\": \"flip\" }]", "\"batches\": { \"type\": \"balanced\", \"classes\": 1, \"perClass\": 12 }", "teacher.training.batches.classes: must be at least 2; got 1")]
    [InlineData("\"augment\": [{ \"type\": \"flip\" }]", "\"batches\": { \"type\": \"balancd\" }", "teacher.training.batches.type: unknown 'balancd'; did you mean 'balanced'? Known here: shuffled, balanced")]
    [InlineData("\"batchSize\": 12,\n", "\"batchSize\": 12, \"batches\": { \"type\": \"balanced\", \"classes\": 4, \"perClass\": 4 },\n", "teacher.training.batchSize: batches have 16 pictures by themselves; leave batchSize out; got 12")]
    [InlineData("\"epochs\": 1,\n", "\"epochs\": 2, \"window\": { \"epochs\": 2, \"side\": 16 },\n", "teacher.training.window.epochs: must be at least 1 and below 2, all epochs; got 2")]
    [InlineData("\"epochs\": 1,\n", "\"epochs\": 2, \"window\": { \"epochs\": 1, \"side\": 16 },\n", "teacher.training.window.side: must be at least 1 and below 16, the picture's; got 16")]
    [InlineData("{ \"epochs\": 1, \"batchSize\": 12, \"optimizer\": { \"type\": \"sgd\"", "{ \"epochs\": 2, \"window\": { \"epochs\": 1, \"side\": 12 }, \"optimizer\": { \"type\": \"sgd\"", "student.training.window.side: this model's layers are made for one size of picture; leave window out")]
    [InlineData("\"epochs\": 1,\n", "\"epochs\": 1, \"hashWhitening\": 1.5,\n", "teacher.training.hashWhitening: must lie in 0..1; got 1.5")]
    [InlineData("\"epochs\": 1,\n", "\"epochs\": 1, \"hashWhitening\": 0.5,\n", "teacher.training.hashWhitening: is a part of iterativeQuantization")]
    [InlineData("\"epochs\": 1,\n", "\"epochs\": 1, \"lookahead\": { \"every\": 0 },\n", "teacher.training.lookahead.every: must be at least 1, in steps; got 0")]
    [InlineData("{ \"type\": \"flip\" }", "{ \"type\": \"padAndCrop\", \"border\": \"white\" }", "teacher.training.augment[0].border: unknown 'white'. Known here: black, reflect")]
    [InlineData("\"threshold\": 0.05", "\"layers\": [\"hash\", \"fc1\"]", "quantize.layers[1]: unknown 'fc1'. Known here: fullyConnected, convolution, backbone.conv1, backbone.conv2, backbone.conv3, backbone.fc1, hash, classifier")]
    [InlineData("\"threshold\": 0.05", "\"layers\": [{ \"match\": \"convolutions\" }]", "quantize.layers[0]: unknown 'convolutions'; did you mean 'convolution'?")]
    [InlineData("\"threshold\": 0.05", "\"layers\": [\"hash\", \"hash\"]", "quantize.layers[1]: 'hash' stands twice")]
    [InlineData("\"threshold\": 0.05", "\"threshold\": 0.05, \"zeroRatio\": 0.4", "quantize.zeroRatio: stands beside a threshold")]
    [InlineData("\"threshold\": 0.05", "\"zeroRatio\": 1", "quantize.zeroRatio: must be at least 0 and below 1; got 1")]
    [InlineData("\"threshold\": 0.05", "\"bits\": 3", "quantize.bits: must be 1, 2 or 8; got 3")]
    [InlineData("\"threshold\": 0.05", "\"threshold\": 0.05, \"bits\": 8", "quantize.threshold: only weights of 2 bits have one")]
    [InlineData("\"threshold\": 0.05", "\"layers\": [{ \"match\": \"hash\", \"threshold\": 2 }]", "quantize.layers[0].threshold: must be at least 0 and below 1; got 2")]
    [InlineData("\"threshold\": 0.05", "\"layers\": [{ \"match\": \"hash\", \"bits\": 1, \"zeroRatio\": 0.2 }]", "quantize.layers[0].zeroRatio: only weights of 2 bits have one")]
    [InlineData("{ \"type\": \"crossEntropy\", \"labelSmoothing\": 0.1 }", "{ \"type\": \"codeDistillation\" }", "teacher.objective: a teacher has no teacher of its own")]
    public void A_value_that_cannot_be_used_says_why(string found, string replaced, string expected) => Refused(found, replaced, expected);

    [Theory]
    [InlineData("\"bits\": 12,", "\"bits\": 12,\n  \"bits\": 13,", "bits: stands again on line 4; keep one of the two")]
    [InlineData("\"epochs\": 1,\n", "\"epochs\": 1, \"epochs\": 1,\n", "teacher.training.epochs: stands again on line 15")]
    [InlineData("{ \"type\": \"dsh\" }", "{ \"type\": \"dsh\", \"type\": \"dsh\" }", "student.model.type: stands again on line 22")]
    public void A_repeated_key_names_both_lines(string found, string replaced, string expected) => Refused(found, replaced, expected);

    [Theory]
    [InlineData("\"bits\": 12,", "\"bits\": 12", "line 4 is not JSON")]
    [InlineData("\"bits\": 12,", "\"bits\": twelve,", "line 3 is not JSON")]
    [InlineData("\"name\": \"small\"", "\"name\": \"\\ud800\"", "line 2 is not JSON: a text has half a character in it")]
    [InlineData("\"threads\": 2\n}", "\"threads\": 2\n}\n}", "line 35 is not JSON")]
    [InlineData("\"threads\": 2\n}", "\"threads\": 2\n", "is not JSON")]
    public void Text_that_is_not_JSON_names_its_line(string found, string replaced, string expected)
    {
        Assert.Contains(found, SmallRecipe.Text);
        string message = Message(SmallRecipe.Text.Replace(found, replaced));
        Assert.Contains(expected, message);
        Assert.DoesNotContain("LineNumber", message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("3")]
    [InlineData("\b\u0006onnx")]
    public void What_is_no_recipe_at_all_is_told(string text) => Assert.StartsWith($"recipe {folder["small.json"]}", Message(text));

    [Fact]
    public void An_empty_file_is_called_so() => Assert.Equal($"recipe {folder["small.json"]} is empty: give a JSON object {{...}}", Message(" \n"));

    /// <summary>Replaces and expects the fault on the line of the replacement.</summary>
    private string Refused(string found, string replaced, string expected)
    {
        Assert.Contains(found, SmallRecipe.Text);
        int line = SmallRecipe.Text[..SmallRecipe.Text.IndexOf(found, StringComparison.Ordinal)].Count(c => c == '\n') + 1;
        string message = Message(SmallRecipe.Text.Replace(found, replaced));
        Assert.StartsWith($"recipe {folder["small.json"]}:\n", message);
        Assert.Contains($"\n  line {line}: {expected}", message);
        return message;
    }

    private string Message(string text)
    {
        File.WriteAllText(folder["small.json"], text);
        return Assert.Throws<TernException>(() => RecipeFile.Read(folder["small.json"])).Message;
    }
}
