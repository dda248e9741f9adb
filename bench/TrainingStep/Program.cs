// One training step (forward, cross-entropy, backward, SGD with Nesterov momentum) on a fixed batch, as training_step.py beside it.
// TrainingStep MODEL(resnet20|dsh) PRECISION(float32|bfloat16) SECONDS THREADS: prints pictures per second (median step).
using System.Diagnostics;
using System.Globalization;
using Tern.Torch;
using Tern.Torch.Modules;
using Tern.Torch.Optimizers;
using Tern.Training.Fitting;
using Tern.Training.Losses;
using Tern.Training.Models;

string model = args[0];
Precision precision = Enum.Parse<Precision>(args[1], ignoreCase: true);
double seconds = double.Parse(args[2], CultureInfo.InvariantCulture);
TorchRuntime.Threads = int.Parse(args[3], CultureInfo.InvariantCulture);
TorchRuntime.Seed(1);

const int BatchSize = 128;
var shape = new ImageShape(32, 32, 3);
ModelSpec spec = model == "dsh" ? new DshSpec() : new CifarResNetSpec();
HashingNetwork network = spec.Build(shape, bits: 48, classes: 10);
network.To(MemoryFormat.ChannelsLast);
Optimizer optimizer = new Sgd(network.Parameters, 0.01, 0.9, 5e-4, nesterov: true);
Tensor images = Tensor.RandomNormal(BatchSize, 3, 32, 32).Contiguous(MemoryFormat.ChannelsLast);
Tensor labels = Tensor.From(Enumerable.Range(0, BatchSize).Select(i => (long)(i % 10)).ToArray());
var objective = new Objective([new CrossEntropyLoss(0.1)]);

void Step()
{
    using var scope = new TensorScope();
    optimizer.ZeroGradients();
    LossBreakdown loss = objective.Compute(new LossInput(NetworkRunner.Run(network, images, precision), labels));
    loss.Total.Item();
    loss.Total.Backward();
    optimizer.Step();
}

for (int i = 0; i < 3; i++) Step();
var times = new List<double>();
long start = Stopwatch.GetTimestamp();
while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
{
    long before = Stopwatch.GetTimestamp();
    Step();
    times.Add(Stopwatch.GetElapsedTime(before).TotalSeconds);
}
times.Sort();
Console.WriteLine((BatchSize / times[times.Count / 2]).ToString("F1", CultureInfo.InvariantCulture));
