"""Turns the pairs of training-step.sh into bench/results/training-step.json and .md: table.py ROWS THREADS SECONDS"""
import json, os, sys
from statistics import median

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import report

pairs = {}
for line in open(sys.argv[1]):
    model, precision, ours, peer = line.split()
    pairs.setdefault((model, precision), []).append((float(ours), float(peer)))
threads, seconds = sys.argv[2:4]
rows = [{
    "name": f"training step, {model}, batch 128, {precision}", "unit": "pictures/s",
    "value": median(o for o, _ in values), "peer": "Python, same libtorch", "peerValue": median(p for _, p in values),
    "ratio": round(median(o / p for o, p in values), 3), "ratioRange": [round(f(o / p for o, p in values), 3) for f in (min, max)], "pairs": len(values),
    "threads": int(threads), "command": f"TrainingStep {model} {precision} {seconds} {threads}",
    "peerCommand": f"python3 training_step.py {model} {precision} {seconds} {threads}", **report.provenance(),
} for (model, precision), values in pairs.items()]
json.dump(rows, open("bench/results/training-step.json", "w"), indent=2)
with open("bench/results/training-step.md", "w") as table:
    table.write("Made by `bench/training-step.sh`; ratio above 1: C# is faster.\n\n| what | C# | Python | ratio, median [min..max] |\n| --- | --- | --- | --- |\n")
    for row in rows:
        low, high = row["ratioRange"]
        table.write(f"| {row['name']} | {row['value']:.0f} | {row['peerValue']:.0f} | {row['ratio']:.2f} [{low:.2f}..{high:.2f}] |\n")
print(open("bench/results/training-step.md").read())
