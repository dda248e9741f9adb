#!/usr/bin/env bash
# Exact search in C# beside Faiss's binary indexes on the same codes, in turn. Needs python3-faiss and some GB of memory and disk.
# search.sh [CASE...]; a case is KIND-BITS-COUNT, KIND clustered (10,000 centres, 6 % of the bits flipped) or random, or RUN/NETWORK, the codes that a run has kept of its
# pictures, with their copies (runs/dth-cifar10/ternary). Writes bench/results/search.json and .md.
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
  if [ -d "$case" ]; then
    bits=$(/usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["bits"])' "$case/../recipe.json")
    count=$($ours take "$folder" "$case" "$bits")
    case=${case%/}-$bits-$count
  else
    IFS=- read -r kind bits count <<< "$case"
    $ours make "$folder" "$kind" "$bits" "$count"
  fi
  $ours measure "$folder" "$bits" "$(nproc)" | sed "s|^|$case\tours\t|" | tee -a "$rows" >&2
  # Faiss gets whole words: bits past the length are zero and change no distance.
  /usr/bin/python3 bench/ExactSearch/faiss_peer.py "$folder" $(((bits + 63) / 64 * 64)) "$count" | sed "s|^|$case\tpeer\t|" | tee -a "$rows" >&2
done
/usr/bin/python3 bench/ExactSearch/table.py "$rows"
