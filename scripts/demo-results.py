"""Turns demo/summary.json into results/demo.json (a row per number) and results/demo.md (the table of the README): demo-results.py MINUTES"""
import json, subprocess, sys

titles = {"teacher": "teacher (residual network, 14 layers)", "student-plain": "student, labels only (DSH network)",
          "student": "**student, distilled** (the same network)", "ternary": "**ternary student** (two bits a weight)"}
summary = json.load(open("demo/summary.json"))
processor = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
rows = [{
    "name": stage["name"], "metric": metric, "value": round(stage[key], 4), "spread": None, "protocol": summary["protocol"], "ties": summary["ties"],
    "seeds": [1], "bits": summary["bits"], "bytes": stage["bytes"], "parameters": stage["parameters"],
    "command": "make demo", "commit": commit, "minutes": float(sys.argv[1]), "machine": f"{processor}, 2 cores",
} for stage in summary["stages"] for metric, key in (("map", "map"), ("recall@1", "recallAt1"), ("encodeMs", "encodeMs"))]
json.dump(rows, open("results/demo.json", "w"), indent=2)
with open("results/demo.md", "w") as table:
    table.write(f"{summary['protocol']}, {summary['bits']} bits, ties: {summary['ties']}, seed 1, commit {commit}; one picture on one thread of {processor}\n\n")
    table.write("| | parameters | on disk | mAP | Recall@1 | one picture |\n| --- | ---: | ---: | ---: | ---: | ---: |\n")
    for stage in summary["stages"]:
        table.write(f"| {titles[stage['name']]} | {stage['parameters']:,} | {stage['bytes'] / 1024:,.0f} KiB | {stage['map']:.3f} | "
                    f"{stage['recallAt1']:.3f} | {stage['encodeMs']:.2f} ms |\n")
