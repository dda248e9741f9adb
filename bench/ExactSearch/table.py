"""Turns what search.sh measured into bench/results/search.json and .md: table.py ROWS. A row: case, ours or peer, and a JSON object, between tabs."""
import json, os, platform, subprocess, sys

processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor())
commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
rows = []
for line in open(sys.argv[1]):
    case, side, values = line.rstrip("\n").split("\t", 2)
    kind, bits, count = case.rsplit("-", 2)
    rows.append({"case": case, "kind": kind, "bits": int(bits), "codes": int(count), "by": "Tern" if side == "ours" else "Faiss", **json.loads(values),
                 "command": f"bench/search.sh {kind if '/' in kind else case}", "machine": f"{processor}, {os.cpu_count()} cores", "commit": commit})
json.dump(rows, open("bench/results/search.json", "w"), indent=2)


def shown(milliseconds):
    return f"{milliseconds * 1e3:.1f} us" if milliseconds < 1 else f"{milliseconds:.2f} ms" if milliseconds < 1e4 else f"{milliseconds / 1e3:.1f} s"


def notes(row):
    known = {"gigabytesPerSecond": "{:.1f} GB/s", "different": "{} different codes", "tables": "{} tables", "bytesPerCode": "{:.1f} B/code of tables", "bytesPerCodeOfScan": "{:.1f} B/code without",
             "givenUp": "given up {} of 100 times", "probes": "{:.0f} buckets", "candidates": "{:.0f} codes compared", "recall": "recall {:.3f}", "buildSeconds": "built in {:.1f} s"}
    return ", ".join(text.format(row[name]) for name, text in known.items() if row.get(name) is not None)


with open("bench/results/search.md", "w") as table:
    table.write("Made by `bench/search.sh`: medians of 100 queries after a warm-up, one thread where nothing else is said. Tern's answers are exact; Faiss's as their recall says "
                "(Debian's build, which does not use the processor's popcnt).\n")
    for case in dict.fromkeys(row["case"] for row in rows):
        table.write(f"\n## {case}\n\n| | what | median | 95 % | |\n| --- | --- | ---: | ---: | --- |\n")
        for row in rows:
            if row["case"] == case:
                table.write(f"| {row['by']} | {row['what']} | {shown(row['milliseconds'])} | {shown(row['p95']) if 'p95' in row else ''} | {notes(row)} |\n")
print(open("bench/results/search.md").read())
