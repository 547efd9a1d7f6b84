#!/bin/sh
# Sets up what every target of the Makefile needs: uv, Python 3.13 and the locked environment. Safe to repeat.
set -eu
uv_version=0.13.9
python=$(sh infra/python.sh)
if command -v uv >/dev/null 2>&1; then
    uv=$(command -v uv)
else
    uv=.tools/env/bin/uv
    if ! [ -x "$uv" ]; then
        any=$([ "$python" = 3.13 ] && command -v python3 || echo "$python")
        [ -n "$any" ] || { echo "No Python at all: install Python 3.13 (or uv, see docs.astral.sh/uv) and try again." >&2; exit 1; }
        echo "setup: installing uv $uv_version into .tools/env with $any" >&2
        "$any" -m venv .tools/env || { echo "setup: $any has no venv; on Debian: apt-get install python3-venv" >&2; exit 1; }
        .tools/env/bin/pip install --quiet "uv==$uv_version"
    fi
fi
if ! [ -x .venv/bin/python ] || ! "$uv" sync --frozen --quiet --check --python "$python" 2>/dev/null; then
    echo "setup: Python $python, packages as locked in uv.lock" >&2
    "$uv" sync --frozen --quiet --python "$python" || {
        echo "setup: no Python 3.13 on PATH or in pyenv, and uv could not fetch one, or a package could not be installed (see above)." >&2
        exit 1
    }
fi
mkdir -p .tools
ln -sfn "$(cd "$(dirname "$uv")" && pwd)/$(basename "$uv")" .tools/uv
