"""The peer of Program.cs: the same networks, batch, loss and optimiser in Python on the same libtorch.

training_step.py MODEL(resnet20|dsh) PRECISION(float32|bfloat16) SECONDS THREADS: prints pictures per second (median step).
"""
import ctypes, os, sys, time
os.environ.setdefault("OMP_WAIT_POLICY", "passive")            # the binding sets the same three
libc = ctypes.CDLL("libc.so.6")
libc.mallopt(-3, 1 << 30)
libc.mallopt(-1, 2**31 - 1)
import torch
from torch import nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        self.downsample = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o)) if stride != 1 or i != o else None

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu_(self.bn1(self.conv1(x)))))
        y += x if self.downsample is None else self.downsample(x)
        return F.relu_(y)


class ResNet20(nn.Module):
    features = 64

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        widths = [16, 16, 32, 64]
        self.stages = nn.Sequential(*[
            nn.Sequential(*[Block(widths[s] if i == 0 else widths[s + 1], widths[s + 1], 2 if i == 0 and s > 0 else 1) for i in range(3)])
            for s in range(3)])

    def forward(self, x):
        return F.adaptive_avg_pool2d(self.stages(F.relu_(self.bn1(self.conv1(x)))), 1).flatten(1)


class Dsh(nn.Module):
    features = 500

    def __init__(self):
        super().__init__()
        conv = lambda i, o: nn.Conv2d(i, o, 5, padding=2, bias=False)
        self.conv1, self.conv2, self.conv3 = conv(3, 32), conv(32, 32), conv(32, 64)
        self.bn1, self.bn2, self.bn3 = nn.BatchNorm2d(32), nn.BatchNorm2d(32), nn.BatchNorm2d(64)
        self.fc1 = nn.Linear(1024, 500)

    def forward(self, x):
        x = F.relu_(F.max_pool2d(self.bn1(self.conv1(x)), 3, 2, ceil_mode=True))
        x = F.relu_(F.avg_pool2d(self.bn2(self.conv2(x)), 3, 2, ceil_mode=True))
        x = F.avg_pool2d(F.relu_(self.bn3(self.conv3(x))), 3, 2, ceil_mode=True)
        return F.relu_(self.fc1(x.flatten(1)))


class Hashing(nn.Module):
    def __init__(self, backbone, bits=48, classes=10):
        super().__init__()
        self.backbone, self.hash, self.classifier = backbone, nn.Linear(backbone.features, bits), nn.Linear(bits, classes)

    def forward(self, x):
        h = self.hash(self.backbone(x))
        return h, self.classifier(h)


model, precision, seconds, threads = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(threads)
torch.manual_seed(1)
network = Hashing(Dsh() if model == "dsh" else ResNet20()).to(memory_format=torch.channels_last)
optimizer = torch.optim.SGD(network.parameters(), 0.01, momentum=0.9, weight_decay=5e-4, nesterov=True, foreach=True)
images = torch.randn(128, 3, 32, 32).contiguous(memory_format=torch.channels_last)
labels = torch.arange(128) % 10


def step():
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
        _, logits = network(images)
    loss = F.cross_entropy(logits.float(), labels, label_smoothing=0.1)
    loss.item()
    loss.backward()
    optimizer.step()


for _ in range(3):
    step()
times, start = [], time.perf_counter()
while time.perf_counter() - start < seconds:
    before = time.perf_counter()
    step()
    times.append(time.perf_counter() - before)
times.sort()
print(f"{128 / times[len(times) // 2]:.1f}")
