#!/bin/sh
# Install what the build needs, build ./python and its standard library, run the main job.
#
# Usage: Tools/build/setup.sh [--no-demo] [configure options]
# The build is in build-release below the source tree (or in $BUILD_DIR); run again, it does only
# what is left to do.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD_DIR:-$top/build-release}
demo=yes
if [ "${1:-}" = --no-demo ]; then
    demo=no
    shift
fi

say() { printf '== %s\n' "$*"; }

need=
for pair in autoconf:autoconf aclocal:automake pkg-config:pkg-config gcc:gcc make:make \
            python3:python3; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || need="$need ${pair#*:}"
done
python3 -m pip --version >/dev/null 2>&1 || need="$need python3-pip"
[ -f /usr/include/zlib.h ] || need="$need zlib1g-dev"
[ -f /usr/include/openssl/evp.h ] || need="$need libssl-dev"
[ -f /usr/include/blake2.h ] || need="$need libb2-dev"
[ -f /usr/include/expat.h ] || need="$need libexpat1-dev"
[ -f /usr/include/x86_64-linux-gnu/ffi.h ] || [ -f /usr/include/ffi.h ] || need="$need libffi-dev"
[ -f /usr/include/sqlite3.h ] || need="$need libsqlite3-dev"
[ -f /usr/include/bzlib.h ] || need="$need libbz2-dev"
[ -f /usr/include/lzma.h ] || need="$need liblzma-dev"
[ -f /usr/include/crypt.h ] || need="$need libcrypt-dev"
[ -f /usr/include/readline/readline.h ] || need="$need libreadline-dev"
[ -f /usr/include/uuid/uuid.h ] || need="$need uuid-dev"
[ -f /usr/include/stdio.h ] || need="$need libc6-dev"
[ -f /usr/share/unicode/UnicodeData.txt ] || need="$need unicode-data"
if [ -n "$need" ]; then
    say "installing packages:$need"
    if [ "$(id -u)" != 0 ]; then
        echo "these Debian packages are missing:$need (run as root, or install them)" >&2
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $need >/dev/null
fi

if [ ! -x "$top/configure" ] || [ "$top/configure.ac" -nt "$top/configure" ]; then
    say "making configure"
    (cd "$top" && aclocal && autoconf)
fi
mkdir -p "$build"
cd "$build"
# Without options, those of the last time count.
[ $# -gt 0 ] || eval "set -- $(cat configure.options 2>/dev/null || true)"
options=$(for option; do printf "'%s' " "$option"; done)
if [ ! -f Makefile ] || [ "$top/configure" -nt config.status ] \
        || [ "$options" != "$(cat configure.options 2>/dev/null || true)" ]; then
    say "configuring in $build"
    "$top/configure" "$@" >configure.log 2>&1 || { tail -20 configure.log >&2; exit 1; }
    printf '%s' "$options" >configure.options
fi
say "building"
make -s -j"$(nproc)" all
say "built: $build/python"
if [ "$demo" = yes ]; then
    say "main job: the standard library parsed, compiled and tokenized by isolated interpreters"
    make -s demo
fi
