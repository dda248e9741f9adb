"""Turns what postgres.sh measured into bench/results/postgres.json and .md: table.py ROWS COUNT VERSION. A row: a JSON object."""
import json, os, sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import report

count, version = int(sys.argv[2]), sys.argv[3]
source = {"command": f"bench/postgres.sh {count}", **report.provenance()}
rows = [{**json.loads(line), "codes": count, "bits": 64, "server": version, **source} for line in open(sys.argv[1])]
one = {row["what"].split(": ", 1)[1]: row["milliseconds"] for row in rows if row["what"].startswith("one server")}
for row in rows:
    server, _, what = row["what"].partition(": ")
    if server == "two servers" and what in one:
        row["ofOneServer"] = row["milliseconds"] / one[what]
rows = report.keep("postgres", rows, case="codes")
KNOWN = {"codesPerSecond": "{:.0f} codes/s", "bytesPerCode": "{:.0f} B/code with its indexes", "ofOneServer": "{:.2f} of one server's time", "found": "{:.1f} found", "rounds": "{:.1f} rounds",
         "probes": "{:.0f} buckets", "candidates": "{:.0f} codes compared", "scans": "{} searches scanned"}
report.tables("postgres", "Made by `bench/postgres.sh`: codes of 64 bits around 10,000 centres, 6 % of the bits flipped; with 3 GB of shared buffers, on the same machine as the client, everything in memory; "
              "medians of searches one after the other, of queries not asked before. Answers are exact; a tenth is compared with the library's own.",
              rows, lambda row: f"{row['codes']:,} codes, {row['server']}", KNOWN)
