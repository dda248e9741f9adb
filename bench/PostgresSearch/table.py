"""Turns what postgres.sh measured into bench/results/postgres.json and .md: table.py ROWS COUNT VERSION. A row: a JSON object."""
import json, os, platform, subprocess, sys

processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor())
commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
count, version = int(sys.argv[2]), sys.argv[3]
rows = [{**json.loads(line), "codes": count, "bits": 64, "server": version, "command": f"bench/postgres.sh {count}", "machine": f"{processor}, {os.cpu_count()} cores", "commit": commit}
        for line in open(sys.argv[1])]
json.dump(rows, open("bench/results/postgres.json", "w"), indent=2)


def shown(milliseconds):
    return f"{milliseconds:.2f} ms" if milliseconds < 1e4 else f"{milliseconds / 1e3:.1f} s"


def notes(row):
    known = {"codesPerSecond": "{:.0f} codes/s", "bytesPerCode": "{:.0f} B/code with its indexes", "found": "{:.1f} found", "rounds": "{:.1f} rounds", "probes": "{:.0f} buckets",
             "candidates": "{:.0f} codes compared", "scans": "{} searches scanned"}
    return ", ".join(text.format(row[name]) for name, text in known.items() if name in row)


with open("bench/results/postgres.md", "w") as table:
    table.write(f"Made by `bench/postgres.sh {count}`: {count:,} codes of 64 bits around 10,000 centres, 6 % of the bits flipped; {version} with 3 GB of shared buffers, on the same machine as the client, "
                "everything in memory; medians of 100 searches one after the other (10 where a search scans), each made twice. Answers are exact; a tenth is compared with the library's own.\n"
                "\n| what | median | 95 % | |\n| --- | ---: | ---: | --- |\n")
    for row in rows:
        table.write(f"| {row['what']} | {shown(row['milliseconds'])} | {shown(row['p95']) if 'p95' in row else ''} | {notes(row)} |\n")
print(open("bench/results/postgres.md").read())
