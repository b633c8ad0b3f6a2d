#!/bin/sh
# Build if needed, then pass all tests of the main job (see Tools/build/check.py).
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
"$top/Tools/build/setup.sh" --no-demo
cd "${BUILD_DIR:-$top/build-release}"
exec python3 "$top/Tools/build/check.py" --builddir . --srcdir "$top"
