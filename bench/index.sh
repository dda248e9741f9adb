#!/usr/bin/env bash
# What an index folder costs on a disk and in memory. index.sh [COUNT [FOLDER]]: so many 64-bit codes (10,000,000), in a new folder below FOLDER (the system's temporary folder).
# Writes bench/results/index.json and .md.
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-10000000}
export BENCH_COMMIT=$(/usr/bin/python3 bench/report.py commit)
dotnet build bench/IndexFolder -c Release --nologo -v q >&2
program=artifacts/bin/IndexFolder/release/IndexFolder
folder=$(mktemp -d -p "${2:-${TMPDIR:-/tmp}}")
disk=$(stat -f -c %T "$folder")
[ "$disk" != tmpfs ] || { rmdir "$folder"; echo "error: ${2:-${TMPDIR:-/tmp}} lies in memory; give a folder on a disk: bench/index.sh $count FOLDER" >&2; exit 1; }
rows=$folder/rows
trap 'rm -rf "$folder"' EXIT
for verb in "load $folder $count" "search $folder scan" "search $folder hashing" "compact $folder"; do $program $verb | tee -a "$rows" >&2; done
/usr/bin/python3 bench/IndexFolder/table.py "$rows" "$count" "$disk"
