#!/usr/bin/env python3
"""Merge the standard library with Lib/ into BUILD/build/lib/python3.12 (ours wins); headers too.

Usage: assemble_stdlib.py --builddir DIR --srcdir DIR [--stdlib DIR]

Copies only what changed, removes what is gone, and writes _sysconfigdata for this build.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import stdlib_source

SKIP_DIRS = {"__pycache__", "lib-dynload", "site-packages", "idlelib", "tkinter", "turtledemo"}
SKIP_PREFIXES = ("config-3.12", "_sysconfigdata")


def wanted(root):
    """Return {relative path: absolute path} of the files below root that are taken."""
    files = {}
    for folder, dirs, names in os.walk(root):
        dirs[:] = [d for d in dirs if d not in SKIP_DIRS and not d.startswith(SKIP_PREFIXES)]
        for name in names:
            if name.endswith((".pyc", ".pyo")) or name.startswith(SKIP_PREFIXES):
                continue
            path = os.path.join(folder, name)
            files[os.path.relpath(path, root)] = path
    return files


def same(source, target):
    """True if target has source's size and time."""
    try:
        there = os.stat(target)
    except FileNotFoundError:
        return False
    here = os.stat(source)
    return there.st_size == here.st_size and there.st_mtime_ns == here.st_mtime_ns


def sync(files, target):
    """Make target hold exactly `files` (and what Python writes into __pycache__)."""
    changed = 0
    for relative, source in files.items():
        path = os.path.join(target, relative)
        if not same(source, path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            shutil.copy2(source, path)
            changed += 1
    for folder, dirs, names in os.walk(target):
        dirs[:] = [d for d in dirs if d not in ("__pycache__", "site-packages", "lib-dynload")]
        for name in names:
            relative = os.path.relpath(os.path.join(folder, name), target)
            if relative not in files and not relative.startswith(SKIP_PREFIXES):
                os.remove(os.path.join(folder, name))
    return changed


def headers(srcdir, builddir):
    """Return {relative path: absolute path} of the headers that extension modules may include."""
    include = os.path.join(srcdir, "Include")
    files = {"pyconfig.h": os.path.join(builddir, "pyconfig.h")}
    for folder in ("", "cpython"):
        for name in os.listdir(os.path.join(include, folder)):
            if name.endswith(".h"):
                files[os.path.join(folder, name)] = os.path.join(include, folder, name)
    return files


def makefile_variables(builddir):
    """Return the plain variables of the Makefile, expanded as far as they refer to each other."""
    variables = {}
    with open(os.path.join(builddir, "Makefile"), encoding="utf-8") as file:
        for line in file:
            match = re.match(r"([A-Za-z_]\w*)\s*=\s*(.*)", line)
            if match:
                variables[match[1]] = match[2].strip()
    for _ in range(5):
        for name, value in variables.items():
            variables[name] = re.sub(r"\$\((\w+)\)",
                                     lambda m: variables.get(m[1], ""), value)
    return variables


def platform_facts(builddir):
    """Return {name: value} of what pyconfig.h defines."""
    facts = {}
    with open(os.path.join(builddir, "pyconfig.h"), encoding="utf-8") as file:
        for name, value in re.findall(r"^#\s*define ([A-Za-z_]\w*) (.+)$", file.read(), re.M):
            facts[name] = int(value) if re.fullmatch(r"-?\d+", value) else value.strip('"')
    return facts


def write_if_changed(path, text):
    """Write a text file, unless it holds this text."""
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def configure_arguments(builddir):
    """Return what configure was called with, quoted for the shell."""
    done = subprocess.run(["sh", "./config.status", "--config"], cwd=builddir, check=True,
                          capture_output=True, text=True)
    return done.stdout.strip()


def write_sysconfigdata(builddir, target):
    """Write what sysconfig.get_config_vars() reads, and the Makefile whose variables these are."""
    made = makefile_variables(builddir)
    debug = "d" in made.get("ABIFLAGS", "")
    values = platform_facts(builddir) | {
        "ABIFLAGS": made.get("ABIFLAGS", ""),
        "SOABI": made["SOABI"],
        "EXT_SUFFIX": made["EXT_SUFFIX"],
        "MULTIARCH": made["PLATFORM_TRIPLET"],
        "PLATLIBDIR": "lib",
        "VERSION": "3.12",
        "py_version_short": "3.12",
        "prefix": made["prefix"],
        "exec_prefix": made["prefix"],
        "CONFIG_ARGS": configure_arguments(builddir),
        "CC": "gcc",
        "CXX": "g++",
        "AR": "ar",
        "ARFLAGS": "rcs",
        "CFLAGS": "-Wall -O2 -fwrapv",
        "OPT": "-O2",
        "CCSHARED": "-fPIC",
        "LDFLAGS": "",
        "LDSHARED": "gcc -shared",
        "LDCXXSHARED": "g++ -shared",
        "SHLIB_SUFFIX": ".so",
        "LIBDIR": made["prefix"] + "/lib",
        "INCLUDEPY": made["prefix"] + "/include/python3.12",
        "CONFINCLUDEPY": made["prefix"] + "/include/python3.12",
        "BINDIR": made["prefix"] + "/bin",
        "Py_DEBUG": int(debug),
        "WITH_PYMALLOC": 1,
        "Py_ENABLE_SHARED": 0,
        "TZPATH": "/usr/share/zoneinfo:/usr/lib/zoneinfo:/usr/share/lib/zoneinfo:/etc/zoneinfo",
        "EXE": "",
        "BUILDEXE": "",
    }
    suffix = f"{values['ABIFLAGS']}-{values['MULTIARCH']}"
    made_by = "# Written by Tools/build/assemble_stdlib.py\n"
    write_if_changed(
        os.path.join(target, f"_sysconfigdata_{values['ABIFLAGS']}_linux_{values['MULTIARCH']}.py"),
        made_by + "build_time_vars = " + repr(dict(sorted(values.items()))) + "\n")
    write_if_changed(
        os.path.join(target, f"config-3.12{suffix}", "Makefile"),
        made_by + "".join(f"{name}=\t{value}\n" for name, value in sorted(values.items())))


def main():
    """Run; arguments as in the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--builddir", default=".")
    parser.add_argument("--srcdir", required=True)
    parser.add_argument("--stdlib", default="auto")
    args = parser.parse_args()
    source = stdlib_source.find(args.stdlib, os.path.join(args.builddir, "build"))
    target = os.path.join(args.builddir, "build", "lib", "python3.12")
    files = wanted(source)
    files.update(wanted(os.path.join(args.srcdir, "Lib")))
    changed = sync(files, target)
    for name in ("lib-dynload", "site-packages"):
        os.makedirs(os.path.join(target, name), exist_ok=True)
    write_sysconfigdata(args.builddir, target)
    # Where sysconfig.get_path("include") points in a build tree.
    sync(headers(args.srcdir, args.builddir),
         os.path.join(args.builddir, "build", "include", "python3.12"))
    print(f"  STDLIB  {len(files)} files, {changed} copied")


if __name__ == "__main__":
    main()
