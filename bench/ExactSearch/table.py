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


def ratio(row, name, other, value="milliseconds", against="milliseconds"):
    """Puts value / the value of another row of the case into a row, where both were measured."""
    base = of.get((row["case"], other), {}).get(against)
    if base and row.get(value):
        row[name] = row[value] / base


for row in rows:
    what = row["what"]
    if what.startswith("scan, 10 nearest") and "filter" not in what and "threads" not in what:
        ratio(row, "ofBandwidth", "read of memory", "gigabytesPerSecond", "gigabytesPerSecond")
    if "planner" in what:
        scan = what.replace("planner", "scan") if "batch" in what or "threads" in what else "scan, 10 nearest"
        ratio(row, "ofScan", scan)
        ratio(row, "worstOfScan", scan, "worst")
    if "filter" in what:
        ratio(row, "ofUnfiltered", what.split(", filter")[0])
    if row["by"] == "Faiss":
        ratio(row, "ternIsFaster", "batch of 100, scan, 10 nearest, per query" if "batch" in what else "scan, 10 nearest" if "Flat" in what else "planner, 10 nearest")

KNOWN = {"gigabytesPerSecond": "{:.1f} GB/s", "ofBandwidth": "{:.0%} of reading alone", "ofScan": "{:.3f} of a scan", "worstOfScan": "{:.2f} at worst", "ofUnfiltered": "{:.2f} of it without the filter",
         "different": "{} different codes", "unasked": "built unasked: {}", "tables": "{} tables", "bytesPerCode": "{:.1f} B/code of tables", "givenUp": "{} given up", "scans": "{} answered by the scan",
         "probes": "{:.0f} buckets", "candidates": "{:.0f} codes compared", "recall": "recall {:.3f}", "buildSeconds": "built in {:.1f} s", "ternIsFaster": "Tern, exact: {:.2g} times as fast"}
rows = report.keep("search", rows)
report.tables("search", "Made by `bench/search.sh`: medians, one thread where nothing else is said; no query is measured that was asked before. Tern's answers are exact; Faiss's as their recall says "
              "(Debian's build, which does not use the processor's popcnt; flat search is exact; MultiHash up to 10 million codes, HNSW up to one).", rows, lambda row: row["case"], KNOWN)
