#!/usr/bin/env bash
# Exact search in C# beside Faiss's binary indexes on the same codes, in turn. Needs python3-faiss and some GB of memory and disk.
# search.sh [CASE...]; a case is KIND-BITS-COUNT, KIND clustered (10,000 centres, 6 % of the bits flipped) or random. Writes bench/results/search.json and .md.
set -euo pipefail
cd "$(dirname "$0")/.."
cases=("$@")
[ $# -gt 0 ] || cases=(clustered-64-500000 clustered-64-10000000 random-64-10000000 clustered-64-50000000 clustered-256-2000000)
/usr/bin/python3 -c 'import faiss' 2>/dev/null || { echo "error: the peer needs Faiss: apt-get install python3-faiss" >&2; exit 1; }
dotnet build bench/ExactSearch -c Release --nologo -v q >&2
ours=artifacts/bin/ExactSearch/release/ExactSearch
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
rows=$folder/rows
for case in "${cases[@]}"; do
  IFS=- read -r kind bits count <<< "$case"
  $ours make "$folder" "$kind" "$bits" "$count"
  $ours measure "$folder" "$bits" "$(nproc)" | sed "s/^/$case\tours\t/" | tee -a "$rows" >&2
  /usr/bin/python3 bench/ExactSearch/faiss_peer.py "$folder" "$bits" "$count" | sed "s/^/$case\tpeer\t/" | tee -a "$rows" >&2
done
/usr/bin/python3 bench/ExactSearch/table.py "$rows"
