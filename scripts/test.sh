#!/usr/bin/env bash
# Runs every test project, says how many tests were skipped and ends with "N passed, N failed". Fails when a test fails or a project does not finish; a test that takes ten minutes hangs, is stopped and named.
# Two processes run side by side, each with half of the processors: few tests keep more than one busy. The training tests, more than half of all in time, are two of the jobs.
set -uo pipefail

jobs=( # a project, and which of its tests
  'Tern.Training.Tests FullyQualifiedName~.Runs.|FullyQualifiedName~.Export.'
  'Tern.Training.Tests FullyQualifiedName!~.Runs.&FullyQualifiedName!~.Export.'
)
for project in tests/*/*.csproj; do
  built=$(dotnet build "$project" -c Release --nologo -v q 2>&1) || { printf '%s\n' "$built" "error: $project does not build" "0 passed, 1 failed"; exit 1; }
  name=$(basename "$project" .csproj)
  [[ ${jobs[*]} == *"$name "* ]] || jobs+=("$name")
done

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
half=$((($(nproc) + 1) / 2)) # for libtorch and for .NET: two programs that each use all processors wait for one another
export logs OMP_NUM_THREADS=$half DOTNET_PROCESSOR_COUNT=$half

run() { # PROJECT [FILTER]
  local log ended=0
  log=$(mktemp "$logs/XXXX")
  dotnet test "tests/$1" --no-build -c Release --nologo ${2:+--filter "$2"} --logger "console;verbosity=minimal" --blame-hang-timeout 10m --blame-hang-dump-type none > "$log" 2>&1 || ended=$?
  if [ "$ended" = 0 ]; then grep -qE '^Passed! +- Failed:' "$log"; else grep -qE '^Failed! +- Failed: +[1-9]' "$log"; fi || echo "error: these tests did not finish" >> "$log"
  { echo "== $*"; grep -vE '^\s*(Data collector|Test run for|A total of|$)' "$log"; } > "$log.said"
  cat "$log.said"
}
export -f run
printf '%s\0' "${jobs[@]}" | xargs -0 -P 2 -I{} bash -c 'run $1' run {}

cat "$logs"/*.said | awk '
  /^error: these tests did not finish/ { failed++ }
  /^(Passed|Failed)! +- Failed:/ { gsub(/[,:]/, " "); for (i = 1; i < NF; i++) { if ($i == "Failed") failed += $(i + 1); if ($i == "Passed") passed += $(i + 1); if ($i == "Skipped") skipped += $(i + 1) } }
  END { printf "%d skipped\n%d passed, %d failed\n", skipped, passed, failed; exit failed > 0 || passed == 0 }'
