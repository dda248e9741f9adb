#!/usr/bin/env bash
# What an index folder costs on a disk. index.sh [COUNT [FOLDER]]: so many 64-bit codes (10,000,000), in a new folder below FOLDER (the system's temporary folder).
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build bench/IndexFolder -c Release --nologo -v q >&2
folder=$(mktemp -d -p "${2:-${TMPDIR:-/tmp}}")
trap 'rm -rf "$folder"' EXIT
artifacts/bin/IndexFolder/release/IndexFolder "$folder" "${1:-10000000}" | tee bench/results/index.jsonl
