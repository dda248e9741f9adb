#!/usr/bin/env bash
# Exact search in PostgreSQL, on one server and on two of its own. Needs postgresql, some GB of memory and disk, and minutes. postgres.sh [COUNT]: 5,000,000 codes.
# Writes bench/results/postgres.json and .md.
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-5000000}
programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1) || true
[ -n "$programs" ] || { echo "error: PostgreSQL is not installed: scripts/setup.sh bench" >&2; exit 1; }
BENCH_COMMIT=$(/usr/bin/python3 bench/report.py begin)    # refuses a busy machine
export BENCH_COMMIT
dotnet build bench/PostgresSearch -c Release --nologo -v q >&2
rows=artifacts/postgres.rows    # what a run that stops half-way has measured is still there
artifacts/bin/PostgresSearch/release/PostgresSearch "$count" | tee "$rows" >&2
/usr/bin/python3 bench/PostgresSearch/table.py "$rows" "$count" "$("$programs/postgres" --version | sed -E 's/^postgres \(PostgreSQL\) ([0-9.]+).*/PostgreSQL \1/')"
