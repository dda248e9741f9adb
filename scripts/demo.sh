#!/usr/bin/env bash
# The chain on 70,000 product photos, into demo/: then one search, as a person would do it.
set -euo pipefail

./tern run recipes/fashion-mnist.json --out demo
./tern data show /usr/share/datasets/fashion-mnist --split test --index 0 --out demo/query.png
echo
echo "\$ ./tern search demo/index --image demo/query.png --top 5"
./tern search demo/index --image demo/query.png --top 5
echo
echo "open demo/report.html"
