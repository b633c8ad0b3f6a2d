#!/usr/bin/env python3
"""Install a build: program, standard library, headers, static library, pkg-config files.

Usage: install.py --builddir DIR --srcdir DIR --prefix PREFIX [--destdir DIR]

The program finds its library by where it lies, so the tree below PREFIX may be moved; only
python3.12-config and the .pc files name PREFIX.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import assemble_stdlib

VERSION = "3.12"

CONFIG_SCRIPT = """#!/bin/sh
# Flags for compiling and linking with this Python; see --help.
prefix={prefix}
includes="-I$prefix/include/python{version}"
libs="{libs}"
ldlibs="-L$prefix/lib"
usage="Usage: $0 --prefix|--exec-prefix|--includes|--libs|--cflags|--ldflags|--extension-suffix|\
--help|--abiflags|--configdir|--embed"
[ $# -gt 0 ] || {{ echo "$usage" >&2; exit 1; }}
embed=
for option; do
    case "$option" in
    --prefix|--exec-prefix|--includes|--libs|--cflags|--ldflags) ;;
    --extension-suffix|--abiflags|--configdir) ;;
    --embed) embed="-lpython{version}{abiflags}"; ldlibs="$ldlibs -no-pie -Wl,-export-dynamic" ;;
    --help) echo "$usage"; exit 0 ;;
    *) echo "$usage" >&2; exit 1 ;;
    esac
done
for option; do
    case "$option" in
    --prefix|--exec-prefix) echo "$prefix" ;;
    --includes) echo "$includes" ;;
    --cflags) echo "$includes {cflags}" ;;
    --libs) echo "$embed $libs" ;;
    --ldflags) echo "$ldlibs $embed $libs" ;;
    --extension-suffix) echo "{ext_suffix}" ;;
    --abiflags) echo "{abiflags}" ;;
    --configdir) echo "$prefix/lib/python{version}" ;;
    esac
done
"""

PKG_CONFIG = """prefix={prefix}
exec_prefix=${{prefix}}
libdir=${{exec_prefix}}/lib
includedir=${{prefix}}/include

Name: Python
Description: {description}
Requires:
Version: {version}
Libs.private: {libs}
Libs: {ldlibs}
Cflags: -I${{includedir}}/python{version}
"""


def write(path, text, mode=0o644):
    """Write a text file with these permissions."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def install_program(builddir, root):
    """bin/python3.12 and bin/python3."""
    target = os.path.join(root, "bin", "python" + VERSION)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    # A running program cannot be overwritten, but its name can be given away.
    shutil.copy2(os.path.join(builddir, "python"), target + ".new")
    os.replace(target + ".new", target)
    link = os.path.join(root, "bin", "python3")
    if os.path.lexists(link):
        os.remove(link)
    os.symlink("python" + VERSION, link)


def install_library(builddir, root):
    """lib/libpython3.12.a, to embed: all objects but the program's main()."""
    made = assemble_stdlib.makefile_variables(builddir)
    objects = subprocess.run(["make", "-s", "print-objects"], cwd=builddir, check=True,
                             capture_output=True, text=True).stdout.split()
    path = os.path.join(root, "lib", f"libpython{VERSION}{made.get('ABIFLAGS', '')}.a")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        os.remove(path)
    subprocess.run([made["AR"], "rcs", path] + objects, cwd=builddir, check=True)


def install_shared_modules(builddir, target):
    """lib-dynload: the shared modules of this build; what others put there stays."""
    made = assemble_stdlib.makefile_variables(builddir)
    source = os.path.join(builddir, "build", "lib", "python" + VERSION, "lib-dynload")
    for name in os.listdir(source):
        if name.endswith(made["EXT_SUFFIX"]):
            # A module in use keeps its old file.
            path = os.path.join(target, "lib-dynload", name)
            shutil.copy2(os.path.join(source, name), path + ".new")
            os.replace(path + ".new", path)


def install_texts(builddir, root, prefix):
    """python3.12-config and the files of pkg-config."""
    made = assemble_stdlib.makefile_variables(builddir)
    libs = made["LIBS"]
    abiflags = made.get("ABIFLAGS", "")
    config = os.path.join(root, "bin", f"python{VERSION}-config")
    write(config, CONFIG_SCRIPT.format(prefix=prefix, version=VERSION, libs=libs, abiflags=abiflags,
                                       cflags="-Wall -O2 -fwrapv", ext_suffix=made["EXT_SUFFIX"]),
          0o755)
    link = os.path.join(root, "bin", "python3-config")
    if os.path.lexists(link):
        os.remove(link)
    os.symlink(os.path.basename(config), link)
    for name, description, ldlibs in (
            (f"python-{VERSION}", "Build a C extension for Python", "-L${libdir}"),
            (f"python-{VERSION}-embed", "Embed Python into an application",
             f"-L${{libdir}} -no-pie -Wl,-export-dynamic -lpython{VERSION}{abiflags} {libs}")):
        write(os.path.join(root, "lib", "pkgconfig", name + ".pc"),
              PKG_CONFIG.format(prefix=prefix, description=description, version=VERSION,
                                libs=libs, ldlibs=ldlibs))


def main():
    """Run; arguments as in the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--builddir", default=".")
    parser.add_argument("--srcdir", required=True)
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--destdir", default="")
    args = parser.parse_args()
    prefix = os.path.abspath(args.prefix)
    root = args.destdir + prefix if args.destdir else prefix
    install_program(args.builddir, root)
    stdlib = os.path.join(args.builddir, "build", "lib", "python" + VERSION)
    target = os.path.join(root, "lib", "python" + VERSION)
    files = {path: source for path, source in assemble_stdlib.wanted(stdlib).items()
             if not re.match(r"_sysconfigdata", path)}
    assemble_stdlib.sync(files, target)
    for name in ("lib-dynload", "site-packages"):
        os.makedirs(os.path.join(target, name), exist_ok=True)
    install_shared_modules(args.builddir, target)
    assemble_stdlib.write_sysconfigdata(args.builddir, target)
    assemble_stdlib.sync(assemble_stdlib.headers(args.srcdir, args.builddir),
                         os.path.join(root, "include", "python" + VERSION))
    install_library(args.builddir, root)
    install_texts(args.builddir, root, prefix)
    print(f"installed in {root}: {len(files)} files of the standard library")


if __name__ == "__main__":
    main()
