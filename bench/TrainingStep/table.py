"""Turns the pairs of training-step.sh into bench/results/training-step.json and .md: table.py ROWS THREADS SECONDS"""
import json, platform, subprocess, sys
from statistics import median

pairs = {}
for line in open(sys.argv[1]):
    model, precision, ours, peer = line.split()
    pairs.setdefault((model, precision), []).append((float(ours), float(peer)))
threads, seconds = sys.argv[2:4]
processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor())
commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
rows = [{
    "name": f"training step, {model}, batch 128, {precision}", "unit": "pictures/s",
    "value": median(o for o, _ in values), "peer": "Python, same libtorch", "peerValue": median(p for _, p in values),
    "ratio": round(median(o / p for o, p in values), 3), "ratioRange": [round(f(o / p for o, p in values), 3) for f in (min, max)], "pairs": len(values),
    "threads": int(threads), "command": f"TrainingStep {model} {precision} {seconds} {threads}",
    "peerCommand": f"python3 training_step.py {model} {precision} {seconds} {threads}", "machine": f"{processor}, 2 cores", "commit": commit,
} for (model, precision), values in pairs.items()]
json.dump(rows, open("bench/results/training-step.json", "w"), indent=2)
with open("bench/results/training-step.md", "w") as table:
    table.write("Made by `bench/training-step.sh`; ratio above 1: C# is faster.\n\n| what | C# | Python | ratio, median [min..max] |\n| --- | --- | --- | --- |\n")
    for row in rows:
        low, high = row["ratioRange"]
        table.write(f"| {row['name']} | {row['value']:.0f} | {row['peerValue']:.0f} | {row['ratio']:.2f} [{low:.2f}..{high:.2f}] |\n")
print(open("bench/results/training-step.md").read())
