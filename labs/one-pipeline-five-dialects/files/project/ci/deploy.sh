#!/bin/sh
# ci/deploy.sh TAG: puts the image with that tag into production. It needs DEPLOY_TOKEN in its environment.
set -eu
tag=${1:?usage: ci/deploy.sh TAG}
cd "$(dirname "$0")/.."
registry=${LATE_REGISTRY:-build/registry}
if [ -z "${DEPLOY_TOKEN:-}" ]; then
    echo "production wants a DEPLOY_TOKEN" >&2
    exit 1
fi
if [ ! -e "$registry/$tag" ]; then
    echo "there is no image late:$tag" >&2
    exit 1
fi
echo "$tag" > "$registry/.production"
echo "production runs late:$tag"
