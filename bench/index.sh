#!/usr/bin/env bash
# What an index folder costs on a disk and in memory. index.sh [COUNT [FOLDER]]: so many 64-bit codes (10,000,000; at most 2,000,000 with labels and attributes), in a new folder below FOLDER (the system's temporary folder).
# Writes bench/results/index.json and .md.
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-10000000}
[ "$count" -le 130000000 ] || { echo "error: a commit holds 33 million codes, and there are four: at most 130000000" >&2; exit 1; }
BENCH_COMMIT=$(/usr/bin/python3 bench/report.py begin)    # refuses a busy machine
export BENCH_COMMIT
dotnet build bench/IndexFolder -c Release --nologo -v q >&2
program=artifacts/bin/IndexFolder/release/IndexFolder
folder=$(mktemp -d -p "${2:-${TMPDIR:-/tmp}}")
disk=$(findmnt -n -o FSTYPE -T "$folder")
[ "$disk" != tmpfs ] || { rmdir "$folder"; echo "error: ${2:-${TMPDIR:-/tmp}} lies in memory; give a folder on a disk: bench/index.sh $count FOLDER" >&2; exit 1; }
rows=artifacts/index.rows    # what a run that stops half-way has measured is still there
trap 'rm -rf "$folder"' EXIT
: > "$rows"
measure() { $program "$@" | tee -a "$rows" >&2; }
measure load "$folder" "$count"
measure search "$folder" scan
measure search "$folder" hashing
measure compact "$folder"
measure search "$folder" scan compacted
measure search "$folder" hashing compacted
rm -rf "$folder/index"
measure filter "$folder" $((count < 2000000 ? count : 2000000))
/usr/bin/python3 bench/IndexFolder/table.py "$rows" "$count" "$disk"
