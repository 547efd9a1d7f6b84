#!/bin/sh
# Installs Segment's JavaScript libraries for the tests, as locked, with the Node and npm of the environment. Safe to repeat.
set -eu
bin=$(cd .venv/bin && pwd)
cd tests/sdks
cmp -s package-lock.json node_modules/.locked && exit 0
echo "setup: Segment's JavaScript libraries, as locked in tests/sdks/package-lock.json" >&2
"$bin/npm" ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error || {
    echo "setup: the tests of Segment's libraries need packages of the npm registry, which could not be installed (see above)." >&2
    exit 1
}
cp package-lock.json node_modules/.locked
