#!/bin/sh
# Builds the release before this one, out of this repository's history, into .aws-sam/previous. Safe to repeat.
# Which one that is stands in tests/upgrade/previous: the commit that was deployed last. $1 is another one.
set -eu
commit=${1:-$(cat tests/upgrade/previous)}
folder=.aws-sam/previous
full=$(git rev-parse --verify --quiet "$commit^{commit}") || {
    echo "upgrade-test: this clone has no commit $commit: git fetch --unshallow (or name another: PREVIOUS=...)" >&2
    exit 1
}
[ "$(cat "$folder/.built" 2>/dev/null)" = "$full" ] && exit 0
echo "upgrade-test: building $full, the release before" >&2
rm -rf "$folder"
mkdir -p "$folder"
git archive "$full" | tar -x -C "$folder"
# It has its own environment, from its own lock file: its command line and its builder run as they were.
(cd "$folder" && env -u UV -u MAKEFLAGS make build LIGHT_ARCHITECTURE=x86_64) >"$folder.log" 2>&1 || {
    tail -20 "$folder.log" >&2
    exit 1
}
echo "$full" >"$folder/.built"
