#!/usr/bin/env bash
# Installs what Tern needs and is missing: setup.sh build | demo | test | bench. With apt; as root, or through sudo.
set -euo pipefail

build=(cmake g++ libtorch-dev libopenblas0-pthread libturbojpeg0 libpng16-16 libwebp7)
case "${1:-build}" in
  build) packages=("${build[@]}") ;;
  demo) packages=("${build[@]}" dataset-fashion-mnist) ;;
  test) packages=("${build[@]}" dataset-fashion-mnist libonnx-testdata postgresql) ;;
  bench) packages=("${build[@]}" python3-torch python3-faiss postgresql) ;;
  *) echo "usage: setup.sh build|demo|test|bench" >&2; exit 2 ;;
esac

if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^10\.'; then
  echo "error: the .NET 10 SDK is not installed: see https://dotnet.microsoft.com/download/dotnet/10.0" >&2
  exit 1
fi

missing=()
if command -v dpkg-query >/dev/null; then
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
fi
if [ "${1:-build}" = test ] && ! command -v npm >/dev/null; then missing+=(nodejs npm); fi

if ! command -v apt-get >/dev/null; then
  cat >&2 <<'TXT'
This system has no apt. Tern needs, from wherever your system has them:
  cmake, a C++20 compiler, OpenBLAS
  libtorch 1.13 or 2.x      (set TERN_TORCH_DIR to its folder when it is not where cmake looks)
  libturbojpeg.so.0 (libjpeg-turbo 2), libpng16.so.16, libwebp.so.7
  for the demo: the four Fashion-MNIST files in /usr/share/datasets/fashion-mnist
  for the benches: Python with torch and Faiss, PostgreSQL as for the tests
  for the tests: the ONNX test data (libonnx-testdata), Node.js with npm, PostgreSQL 14 or newer in /usr/lib/postgresql
TXT
  exit 0
fi

if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}" >&2
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "error: not root and no sudo; install as root: apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
  fi
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get update -q >/dev/null
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${missing[@]}" >/dev/null
fi

if [ "${1:-build}" = test ] && { [ ! -d tests/judge/node_modules ] || [ tests/judge/package-lock.json -nt tests/judge/node_modules/.package-lock.json ]; }; then
  echo "installing onnxruntime, the outside judge of exported models, and a PostgreSQL with pgvector" >&2
  npm ci --prefix tests/judge --no-audit --no-fund --silent >&2 || echo "warning: npm could not install it; the tests that need it will be skipped" >&2
fi
