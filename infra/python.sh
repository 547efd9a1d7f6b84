#!/bin/sh
# Prints the path of a Python 3.13: the one on PATH, else pyenv's, else one that uv fetches ("3.13": uv takes a version too).
set -u
for candidate in python3.13 python3 python; do
    # A pyenv shim stands on PATH even when it leads nowhere, so ask it what it is.
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' >/dev/null 2>&1; then
        "$candidate" -c 'import sys; print(sys.executable)'
        exit 0
    fi
done
if command -v pyenv >/dev/null 2>&1; then
    version=$(pyenv versions --bare 2>/dev/null | grep -E '^3\.13\.[0-9]+$' | sort -t. -k3 -n | tail -n 1)
    if [ -n "$version" ]; then
        echo "$(pyenv root)/versions/$version/bin/python3.13"
        exit 0
    fi
fi
echo 3.13
