#!/bin/sh
# Everything that a commit must pass before it is made into an image.
ci/test.sh && ci/evaluate.sh
