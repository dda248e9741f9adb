using System.Text.Json;
using Tern.Torch.Optimizers;

namespace Tern.Torch.Tests.Optimizers;

public class OptimizerTests
{
    [Theory]
    [InlineData("sgd")]
    [InlineData("nesterov")]
    [InlineData("adam")]
    [InlineData("adamw")]
    public void Three_steps_equal_PyTorchs(string name)
    {
        using var scope = new TensorScope();
        JsonElement fixture = Fixtures.Json("optimizers.json");
        JsonElement[] shapes = [.. fixture.GetProperty("shapes").EnumerateArray()];
        Tensor[] Tensors(JsonElement values) => [.. values.EnumerateArray().Select((value, i) => Tensor.From(value.Floats(), shapes[i].Longs()))];

        Tensor[] parameters = Tensors(fixture.GetProperty("start"));
        Optimizer optimizer = name switch
        {
            "sgd" => new Sgd(parameters, 0.1, momentum: 0.9, weightDecay: 0.01),
            "nesterov" => new Sgd(parameters, 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: true),
            "adam" => new Adam(parameters, 0.01, weightDecay: 0.1),
            _ => new Adam(parameters, 0.01, weightDecay: 0.1, decoupled: true),
        };
        foreach ((JsonElement gradients, JsonElement after) in fixture.GetProperty("gradients").EnumerateArray().Zip(fixture.GetProperty(name).EnumerateArray()))
        {
            foreach ((Tensor parameter, Tensor gradient) in parameters.Zip(Tensors(gradients))) parameter.Gradient = gradient;
            optimizer.Step();
            foreach ((Tensor parameter, JsonElement expected) in parameters.Zip(after.EnumerateArray()))
                Fixtures.AssertClose(expected.Floats(), parameter.ToArray<float>());
        }
    }

    [Fact]
    public void A_step_without_any_gradient_is_an_error()
    {
        using var scope = new TensorScope();
        Assert.Throws<TorchException>(() => new Sgd([Tensor.Ones([1])], 0.1).Step());
        Assert.Throws<TorchException>(() => new Adam([Tensor.Ones([1]), Tensor.Ones([2])], 0.1).Step());
    }

    /// <summary>Alone means: as <see cref="Three_steps_equal_PyTorchs"/> has shown to be right.</summary>
    [Theory]
    [InlineData("sgd")]
    [InlineData("adam")]
    [InlineData("adamw")]
    public void A_parameter_without_gradient_stays_and_the_others_move_as_if_alone(string name)
    {
        using var scope = new TensorScope();
        Tensor idle = Tensor.From([3f, -4f]), among = Tensor.From([1f, -2f, 0.5f]), alone = among.Clone(), last = Tensor.From([2f]), lastAlone = last.Clone();
        Optimizer Build(params Tensor[] parameters) => name switch
        {
            "sgd" => new Sgd(parameters, 0.1, weightDecay: 0.01, nesterov: true),
            "adam" => new Adam(parameters, 0.1, weightDecay: 0.01),
            _ => new Adam(parameters, 0.1, weightDecay: 0.01, decoupled: true),
        };
        Optimizer three = Build(among, idle, last), two = Build(alone, lastAlone);
        foreach (float[] gradient in new[] { [0.3f, 0.1f, -2f], new[] { -0.5f, 0f, 1f } })
        {
            (among.Gradient, alone.Gradient) = (Tensor.From(gradient), Tensor.From(gradient));
            (last.Gradient, lastAlone.Gradient) = (Tensor.From([7f]), Tensor.From([7f]));
            three.Step();
            two.Step();
        }
        Assert.Equal([3f, -4f], idle.ToArray<float>());
        Assert.Equal(alone.ToArray<float>(), among.ToArray<float>());
        Assert.Equal(lastAlone.ToArray<float>(), last.ToArray<float>());
        Assert.NotEqual([1f, -2f, 0.5f], among.ToArray<float>());
        foreach ((string slot, Tensor state) in three.State.Where(named => named.Key.EndsWith(".1", StringComparison.Ordinal)))
            Assert.True(state.ToArray<float>().All(value => value == 0), slot);
    }

    [Theory]
    [InlineData("oneCycle")]
    [InlineData("cosine")]
    public void Schedules_equal_PyTorchs(string name)
    {
        double[] expected = [.. Fixtures.Json("schedules.json").GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];
        LearningRateSchedule schedule = name == "oneCycle" ? new OneCycleSchedule() : new CosineSchedule();
        for (int step = 0; step < expected.Length; step++) Assert.Equal(expected[step], schedule.Factor(step, expected.Length), 1e-9);
    }

    [Theory]
    [InlineData(0.2, 5)]                                                                 // the rise ends with the first step
    [InlineData(0.5, 2)]
    [InlineData(0.3, 1)]
    [InlineData(0.3, 3)]
    public void One_cycle_is_a_number_however_few_the_steps(double rise, int steps)
    {
        double[] factors = [.. Enumerable.Range(0, steps).Select(step => new OneCycleSchedule(rise).Factor(step, steps))];
        Assert.All(factors, factor => Assert.InRange(factor, 0, 1));
        Assert.Equal(1, factors.Max(), 0.5);
    }

    [Fact]
    public void A_step_schedule_falls_at_its_milestones()
    {
        var schedule = new StepSchedule([0.5, 0.75]);
        Assert.Equal([1, 1, 0.1, 0.01], new[] { 0, 49, 50, 75 }.Select(step => Math.Round(schedule.Factor(step, 100), 9)));
    }

    /// <summary>10 steps, the peak at 0.4: from 0.2 by 0.2 a step to 1 at step 4, then by -0.15 a step to 0.25 at step 9 and 0.1 after the last.</summary>
    [Fact]
    public void Triangle_runs_along_two_lines()
    {
        var schedule = new TriangleSchedule(0.2, 0.4, 0.1);
        double[] expected = [0.2, 0.4, 0.6, 0.8, 1, 0.85, 0.7, 0.55, 0.4, 0.25];
        Assert.All(expected, (factor, step) => Assert.Equal(factor, schedule.Factor(step, 10), 12));
        Assert.Equal(["peak: must lie between 0 and 1, a share of training; got 1", "end: must lie in 0..1, a share of the rate; got 2"], new TriangleSchedule(0, 1, 2).Problems());
    }
}
