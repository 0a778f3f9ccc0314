#!/bin/sh
# ci/test.sh: runs the tests. Exit code 1 if one fails.
set -eu
cd "$(dirname "$0")/.."
python -m unittest discover -s tests -t .
