"""Turns what search.sh measured into bench/results/search.json and .md: table.py ROWS. A row: case, ours or peer, and a JSON object, between tabs."""
import json, os, sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import report

rows = []
for line in open(sys.argv[1]):
    case, side, values = line.rstrip("\n").split("\t", 2)
    kind, bits, count = case.rsplit("-", 2)
    rows.append({"case": case, "kind": kind, "bits": int(bits), "codes": int(count), "by": "Tern" if side == "ours" else "Faiss", **json.loads(values),
                 "command": f"bench/search.sh {kind if '/' in kind else case}", **report.provenance()})

of = {(row["case"], row["what"]): row for row in rows}
for row in rows:
    same = lambda what: of[row["case"], what]["milliseconds"]
    if row["what"].startswith("scan, 10 nearest") and "filter" not in row["what"]:
        row["ofBandwidth"] = row["gigabytesPerSecond"] / of[row["case"], "read of memory"]["gigabytesPerSecond"]
    if row["what"].startswith("planner"):
        row["ofScan"] = row["milliseconds"] / same("scan, 10 nearest")
    if "filter" in row["what"]:
        row["ofUnfiltered"] = row["milliseconds"] / same(row["what"].split(", filter")[0])
    if row["by"] == "Faiss":
        ours = same("batch of 100, scan, 10 nearest, per query" if "batch" in row["what"] else "scan, 10 nearest" if "Flat" in row["what"] else "planner, 10 nearest")
        row["ternIsFaster"] = row["milliseconds"] / ours

KNOWN = {"gigabytesPerSecond": "{:.1f} GB/s", "ofBandwidth": "{:.0%} of reading alone", "ofScan": "{:.3f} of a scan", "ofUnfiltered": "{:.2f} of it without the filter",
         "different": "{} different codes", "tables": "{} tables", "bytesPerCode": "{:.1f} B/code of tables", "givenUp": "{} given up", "scans": "{} answered by the scan",
         "probes": "{:.0f} buckets", "candidates": "{:.0f} codes compared", "recall": "recall {:.3f}", "buildSeconds": "built in {:.1f} s", "ternIsFaster": "Tern, exact: {:.2g} times as fast"}
rows = report.keep("search", rows)
report.tables("search", "Made by `bench/search.sh`: medians, one thread where nothing else is said; no query is measured that was asked before. Tern's answers are exact; Faiss's as their recall says "
              "(Debian's build, which does not use the processor's popcnt; flat search is exact).", rows, lambda row: row["case"], KNOWN)
