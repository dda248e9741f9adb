#!/usr/bin/env bash
# What make test does for seconds, for long. crash.sh kills [COUNT [SEED]]: a writer killed with SIGKILL at so many random moments (500).
# crash.sh readers [MINUTES]: readers beside a writer that commits and merges (60). Fails when anything is lost, half there or inconsistent; else writes bench/results/crash.json.
set -euo pipefail
cd "$(dirname "$0")/.."
BENCH_COMMIT=$(/usr/bin/python3 bench/report.py commit)
export BENCH_COMMIT
dotnet build tests/Tern.Tests -c Release --nologo -v q >&2
program=artifacts/bin/Tern.Tests/release/Tern.Tests.dll
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
case "${1:-kills}" in
  kills) dotnet exec "$program" crash "$folder/index" "${2:-500}" "${3:-1}" > "$folder/row" ;;
  readers) dotnet exec "$program" readers "$folder/index" "${2:-60}" > "$folder/row" ;;
  *) echo "usage: crash.sh kills [COUNT [SEED]] | readers [MINUTES]" >&2; exit 2 ;;
esac
/usr/bin/python3 bench/report.py crash what "bench/crash.sh $*" < "$folder/row"
