#!/usr/bin/env bash
# Exact search in C# beside Faiss's binary indexes on the same codes, in turn. Needs python3-faiss and some GB of memory and disk.
# search.sh [CASE...]; a case is KIND-BITS-COUNT, KIND clustered (10,000 centres, 6 % of the bits flipped) or random, or RUN/NETWORK, the codes that a run has kept of its
# pictures, with their copies (runs/dth-cifar10/ternary). Writes bench/results/search.json and .md: these cases anew, others as they were.
set -euo pipefail
cd "$(dirname "$0")/.."
cases=("$@") missing=()
if [ $# -eq 0 ]; then
  cases=(clustered-64-500000 clustered-64-10000000 random-64-1000000 random-64-10000000 clustered-64-50000000 clustered-192-1000000 clustered-256-2000000 random-256-2000000 random-1024-500000)
  for network in runs/dth-cifar10/student runs/dth-cifar10/ternary demo/student demo/ternary; do
    if [ -f "$network/codes.gallery.bin" ]; then cases+=("$network"); else missing+=("$network"); fi
  done
fi
for case in "${cases[@]}"; do
  if [[ "$case" == */* ]]; then [ -f "$case/codes.gallery.bin" ] && [ -f "$case/codes.queries.bin" ] || { echo "error: $case has no codes.gallery.bin and codes.queries.bin: a network's folder in a run that has ended" >&2; exit 1; }
  elif ! [[ "$case" =~ ^(clustered|random)-[0-9]+-[0-9]+$ ]]; then echo "error: $case is no case: KIND-BITS-COUNT, such as clustered-64-500000, or RUN/NETWORK" >&2; exit 1
  elif [ "${case##*-}" -gt 200000000 ]; then echo "error: $case: more than 200,000,000 codes are not read in one piece" >&2; exit 1; fi
done
/usr/bin/python3 -c 'import faiss' 2>/dev/null || { echo "error: the peer needs Faiss: scripts/setup.sh bench" >&2; exit 1; }
BENCH_COMMIT=$(/usr/bin/python3 bench/report.py begin)    # refuses a busy machine
export BENCH_COMMIT
dotnet build bench/ExactSearch -c Release --nologo -v q >&2
ours=artifacts/bin/ExactSearch/release/ExactSearch
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
rows=$folder/rows
for case in "${cases[@]}"; do
  : > "$rows"
  if [ -d "$case" ]; then
    bits=$(/usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["bits"])' "$case/../recipe.json")
    count=$($ours take "$folder" "$case" "$bits")
    case=${case%/}-$bits-$count
  else
    IFS=- read -r kind bits count <<< "$case"
    $ours make "$folder" "$kind" "$bits" "$count"
  fi
  $ours measure "$folder" "$bits" "$(nproc)" | sed "s|^|$case\tours\t|" | tee -a "$rows" >&2
  /usr/bin/python3 bench/ExactSearch/table.py "$rows" > "$folder/table"       # ours are kept whatever becomes of the peer
  /usr/bin/python3 bench/ExactSearch/faiss_peer.py "$folder" "$bits" "$count" | sed "s|^|$case\tpeer\t|" | tee -a "$rows" >&2
  /usr/bin/python3 bench/ExactSearch/table.py "$rows" > "$folder/table"
done
cat "$folder/table"
for network in "${missing[@]}"; do echo "$network is not measured: no run has left its codes there (make demo; tern run recipes/dth-cifar10.json)" >&2; done
