#!/usr/bin/env bash
# Exact search in PostgreSQL, on one server and on two of its own. Needs postgresql, some GB of memory and disk, and minutes. postgres.sh [COUNT]: 5,000,000 codes.
# Writes bench/results/postgres.json and .md.
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-5000000}
programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1) || true
[ -n "$programs" ] || { echo "error: PostgreSQL is not installed: scripts/setup.sh bench" >&2; exit 1; }
export BENCH_COMMIT=$(/usr/bin/python3 bench/report.py commit)
dotnet build bench/PostgresSearch -c Release --nologo -v q >&2
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
artifacts/bin/PostgresSearch/release/PostgresSearch "$count" | tee "$rows" >&2
/usr/bin/python3 bench/PostgresSearch/table.py "$rows" "$count" "$("$programs/postgres" --version | sed -E 's/^postgres \(PostgreSQL\) ([0-9.]+).*/PostgreSQL \1/')"
