#!/bin/sh
# ci/evaluate.sh: trains, scores, compares with production.json. Exit code 1 if the new model is worse.
set -eu
cd "$(dirname "$0")/.."
python -m late.evaluate
