"""Turns what index.sh measured into bench/results/index.json and .md: table.py ROWS COUNT DISK. A row: a JSON object."""
import json, os, sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import report

count = int(sys.argv[2])
source = {"command": f"bench/index.sh {count}", **report.provenance()}
rows = [{"codes": count, **json.loads(line), "bits": 64, "disk": sys.argv[3], **source} for line in open(sys.argv[1])]
rows = report.keep("index", [{**row, "case": f"{row['codes']:,} codes {'with labels and attributes ' if row.get('labelled') else ''}on {row['disk']}"} for row in rows])
KNOWN = {"firstMilliseconds": "the first search, which finds out what passes, {:.1f} ms", "codesPerSecond": "{:.0f} codes/s", "perSecond": "{:.0f} a second", "ofFlushes": "{:.2f} times the flushes alone", "openingMilliseconds": "opening alone {:.1f} ms",
         "segments": "{} segments", "bytesPerCodeBefore": "{:.1f} B/code on disk before", "bytesPerCode": "{:.1f} B/code on disk", "ownBytesPerCode": "{:.1f} B/code of its own", "mappedBytesPerCode": "{:.1f} B/code of mapped files in memory", "mappedLaterBytesPerCode": "{:.1f} after hundreds of searches", "totalBytesPerCode": "{:.1f} B/code in all then", "ofUnfiltered": "{:.2f} of it without a filter"}
report.tables("index", "Made by `bench/index.sh`: an index folder of clustered 64-bit codes with keys. Times of one search are medians, of queries not asked before. Bytes per code in memory are of items that are left, keys and marks of removed ones included; pages of mapped files count where they have been read.", rows, lambda row: row["case"], KNOWN)
