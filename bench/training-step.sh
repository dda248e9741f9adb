#!/usr/bin/env bash
# A training step in C# against the same network in Python on the same libtorch, same threads, in turn: pictures per second and the ratio of each pair.
# training-step.sh [PAIRS] [SECONDS] [THREADS]; writes bench/results/training-step.json and .md. Needs python3-torch.
set -euo pipefail
cd "$(dirname "$0")/.."
pairs=${1:-5} seconds=${2:-4} threads=${3:-2}
/usr/bin/python3 -c 'import torch' 2>/dev/null || { echo "error: the peer needs Python's torch: scripts/setup.sh bench" >&2; exit 1; }
BENCH_COMMIT=$(/usr/bin/python3 bench/report.py begin)    # refuses a busy machine
export BENCH_COMMIT
dotnet build bench/TrainingStep -c Release --nologo -v q >&2
ours=artifacts/bin/TrainingStep/release/TrainingStep peer="/usr/bin/python3 bench/TrainingStep/training_step.py"
rows=$(mktemp)
for model in resnet20 dsh; do
  for precision in float32 bfloat16; do
    for _ in $(seq "$pairs"); do
      echo "$model $precision $($ours $model $precision "$seconds" "$threads") $($peer $model $precision "$seconds" "$threads")" | tee -a "$rows" >&2
    done
  done
done
/usr/bin/python3 bench/TrainingStep/table.py "$rows" "$threads" "$seconds"
