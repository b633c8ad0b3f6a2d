#!/bin/sh
# Build what is left to build, release and debug, then pass all tests of both
# (Tools/build/check.py).
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
release=${BUILD_DIR:-$top/build-release}
debug=${DEBUG_BUILD_DIR:-$top/build-debug}
BUILD_DIR=$release "$top/Tools/build/setup.sh" --no-demo
BUILD_DIR=$debug "$top/Tools/build/setup.sh" --no-demo --with-pydebug
cd "$release"
exec python3 "$top/Tools/build/check.py" --builddir . --builddir "$debug" --srcdir "$top"
