#!/usr/bin/env bash
# Runs every test project and ends with "N passed, N failed, N skipped". Fails when a test fails or a project does not finish;
# a test that takes ten minutes hangs, is stopped and named.
set -uo pipefail

passed=0 failed=0 skipped=0 broken=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for project in tests/*/*.csproj; do
  echo "== $(basename "$project" .csproj)"
  dotnet test "$project" -c Release --nologo --logger "console;verbosity=minimal" --blame-hang-timeout 10m --blame-hang-dump-type none 2>&1 | tee "$log" | grep -vE '^\s*(Restore|Determining|All projects|Data collector|[A-Za-z.]+ -> |$)'
  summary=$(grep -E '^(Passed|Failed)! +- Failed:' "$log" | tail -n 1)
  if [ -z "$summary" ]; then
    echo "error: $project did not finish"
    broken=$((broken + 1))
    continue
  fi
  failed=$((failed + $(sed -E 's/.*Failed: +([0-9]+).*/\1/' <<<"$summary")))
  passed=$((passed + $(sed -E 's/.*Passed: +([0-9]+).*/\1/' <<<"$summary")))
  skipped=$((skipped + $(sed -E 's/.*Skipped: +([0-9]+).*/\1/' <<<"$summary")))
done
failed=$((failed + broken))
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
