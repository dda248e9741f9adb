using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Recipes;
using Tern.Training.Runs.Stages;

namespace Tern.Training.Tests.Recipes;

/// <summary>What a recipe says of teachers: networks and files, what is learned from them and how far they are trusted.</summary>
public sealed class DistillationRecipeTests : IDisposable
{
    private const string Code = "{ \"type\": \"codeDistillation\", \"weight\": 4 }", Hint = "{ \"type\": \"hint\", \"adapter\": true }", Model = "\"model\": { \"type\": \"dsh\" },";

    private static readonly string Teacher = SmallRecipe.Text[SmallRecipe.Text.IndexOf("\"teacher\"", StringComparison.Ordinal)..SmallRecipe.Text.IndexOf("\"student\"", StringComparison.Ordinal)];

    /// <summary>With a teacher that is a file, and a hint to learn from it.</summary>
    private static readonly string Shown = SmallRecipe.Text.Replace(Teacher, "\"teacher\": { \"shown\": \"t.safetensors\", \"names\": \"t.txt\" },\n  ").Replace(Code, Hint);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_teacher_may_be_two_files_beside_the_recipe()
    {
        Recipe recipe = Read(Shown);
        Assert.Equal(new ShownSpec(folder["t.safetensors"], folder["t.txt"]), recipe.Teacher!.File);
        Assert.Equal(folder["c.txt"], Read(Shown.Replace("\"names", "\"classes\": \"c.txt\", \"names")).Teacher!.File!.Classes);
        Assert.Null(recipe.Teacher.Network);
        NetworkRole[] roles = [.. NetworkRole.Of(recipe.Resolve())];
        Assert.Equal(["student-plain", "student", "ternary"], roles.Select(role => role.Name));
        Assert.Equal([null, recipe.Teacher.File, recipe.Teacher.File], roles.Select(role => role.Shown));
        Assert.All(roles, role => Assert.Null(role.Teacher));
        string written = RecipeFile.ToJson(recipe);
        Assert.Equal(written, RecipeFile.ToJson(Read(written)));
    }

    [Fact]
    public void What_is_not_said_and_what_is_worked_out_is_not_written()
    {
        string written = RecipeFile.ToJson(Read(SmallRecipe.Text));
        foreach (string key in new[] { "shown", "names", "teacherWeighting", "learnsFrom", "looksAt", "needsTeacher", "fullyConnected" }) Assert.DoesNotContain($"\"{key}\"", written);
    }

    [Fact]
    public void Trust_in_the_teacher_is_the_students_and_its_ternary_forms()
    {
        Recipe recipe = Read(SmallRecipe.Text.Replace(Model, Model + " \"teacherWeighting\": { \"preset\": \"seed\" },")).Resolve();
        Assert.Equal(new TeacherWeighting(LikelihoodFloor.Seed, 0.5, 8.37665), recipe.Student!.TeacherWeighting);
        Assert.Equal([null, null, recipe.Student!.TeacherWeighting, recipe.Student!.TeacherWeighting], NetworkRole.Of(recipe).Select(role => role.Weighting));
    }

    [Theory]
    [InlineData("\"names\": \"t.txt\"", "\"names\": \"\"", "teacher.names: must be a text file; got ''")]
    [InlineData("\"names\": \"t.txt\"", "\"names\": \"t.txt\", \"classes\": \"\"", "teacher.classes: must be a text file; got ''")]
    [InlineData("t.safetensors", "t.npy", "teacher.shown: must be a .safetensors file; got 't.npy'")]
    [InlineData(", \"names\": \"t.txt\"", "", "teacher.names: is missing; add the text file")]
    [InlineData("\"shown\": \"t.safetensors\", ", "", "teacher.shown: is missing; add the .safetensors file")]
    [InlineData("\"names\": \"t.txt\"", "\"names\": \"t.txt\", \"objective\": []", "teacher.shown: a file stands in place of model, objective, training, start and searchBy")]
    [InlineData(Hint, Code, "teacher.shown: a file has embedding and logits alone, and codeDistillation learns from hash")]
    [InlineData(Hint, "{ \"type\": \"hint\", \"tap\": \"backbone.fc1\" }", "teacher.shown: a file has embedding and logits alone, and hint.backbone.fc1 learns from backbone.fc1")]
    [InlineData("\"student\": {", "\"student\": { \"teacherView\": \"same\",", "student.teacherView: a teacher that is a file has seen each picture as it is; take fixed; got same")]
    public void A_teacher_that_is_a_file_is_checked(string found, string replaced, string expected)
    {
        Assert.Contains(found, Shown);
        Assert.Contains(expected, Refused(Shown.Replace(found, replaced)));
    }

    [Fact]
    public void A_layer_inside_the_teacher_needs_a_teacher_that_looks_at_the_students_view()
    {
        string text = SmallRecipe.Text.Replace(Code, "{ \"type\": \"hint\", \"adapter\": true, \"tap\": \"backbone.bn2\", \"teacherTap\": \"backbone.layer2\" }");
        Assert.Contains("student.teacherView: fixed keeps embedding, hash and logits of a teacher, and hint.backbone.bn2 learns from its layer backbone.layer2; take same", Refused(text));
        Assert.NotNull(Read(text.Replace("\"student\": {", "\"student\": { \"teacherView\": \"same\",")));
    }

    [Theory]
    [InlineData("hash", true)]
    [InlineData("logits", true)]
    [InlineData("embedding", false)]
    public void A_hint_trains_codes_where_it_looks_at_them_or_at_what_reads_them(string tap, bool trained)
    {
        string text = SmallRecipe.Text.Replace("{ \"type\": \"crossEntropy\" },", "").Replace(Code, $"{{ \"type\": \"hint\", \"adapter\": true, \"tap\": \"{tap}\" }}")
            .Replace("\"student\": {", "\"student\": { \"withoutDistillation\": false,");
        if (trained) Assert.NotNull(Read(text));
        else Assert.Contains("student.objective: nothing trains the hash layer that pictures are found by", Refused(text));
    }

    [Fact]
    public void A_hint_from_codes_needs_a_teacher_that_has_trained_its_own()
    {
        string text = SmallRecipe.Text.Replace(Code, "{ \"type\": \"hint\", \"tap\": \"hash\" }"), untrained = "{ \"type\": \"contrastive\" }";
        Assert.NotNull(Read(text));
        Assert.Contains(
            "teacher.objective: its hash layer learns nothing to teach from; set training.hash to \"iterativeQuantization\", or teach by codeSimilarity in place of hint.hash",
            Refused(text.Replace("{ \"type\": \"crossEntropy\", \"labelSmoothing\": 0.1 }", untrained)));
    }

    [Fact]
    public void A_teacher_that_is_neither_is_told_what_is_missing()
    {
        string message = Refused(SmallRecipe.Text.Replace(Teacher, "\"teacher\": {},\n  "));
        Assert.Contains("teacher.model: is missing; add an object {...}, or shown and names", message);
        Assert.Contains("teacher.objective: is missing; add a list [...]", message);
        Assert.Contains("teacher.training: is missing; add an object {...}", message);
    }

    [Theory]
    [InlineData("{ \"type\": \"crossEntropy\" },", "{ \"type\": \"dshPairs\" },", "student.teacherWeighting: compares classifiers, and the student's learns nothing")]
    [InlineData(Code, "{ \"type\": \"dshPairs\" }", "student.teacherWeighting: no term learns from a teacher; leave it out")]
    [InlineData("{ \"type\": \"crossEntropy\", \"labelSmoothing\": 0.1 }", "{ \"type\": \"dshPairs\" }", "teacher.objective: its classifier learns nothing, and student.teacherWeighting compares classifiers")]
    [InlineData("\"kappa\": 0.5", "\"kappa\": 0", "student.teacherWeighting.kappa: must be above 0; got 0")]
    [InlineData("\"kappa\": 0.5", "\"preset\": \"caffe\"", "student.teacherWeighting.preset: unknown 'caffe'. Known here: float32, seed")]
    public void Trust_in_the_teacher_is_checked(string found, string replaced, string expected)
    {
        string text = SmallRecipe.Text.Replace(Model, Model + " \"teacherWeighting\": { \"kappa\": 0.5 },");
        Assert.Contains(found, text);
        Assert.Contains(expected, Refused(text.Replace(found, replaced)));
    }

    private Recipe Read(string text)
    {
        File.WriteAllText(folder["small.json"], text);
        return RecipeFile.Read(folder["small.json"]);
    }

    private string Refused(string text) => Assert.Throws<TernException>(() => Read(text)).Message;
}
