#!/bin/sh
# Makes sure that there is a Java for Spark (17 or later): on Debian, its own package.
set -eu
command -v java >/dev/null 2>&1 && java -version >/dev/null 2>&1 && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "setup: installing Java for the tests on Spark" >&2
    apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends default-jre-headless >/dev/null
    exit 0
fi
echo "setup: the tests on Spark need Java 17 or later, and only root may install it here: apt-get install default-jre-headless" >&2
exit 1
