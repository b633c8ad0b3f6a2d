#!/usr/bin/env python3
"""Run the tests of a build and print "N passed, N failed" at the end.

Usage: check.py --builddir DIR --srcdir DIR [--only NAME ...]

A check is a name and a command; it passes when the command exits with 0 in time.  The output of
failing ones is shown.  What does not apply to a build is not counted (and says why).
"""

import argparse
import glob
import os
import signal
import subprocess
import sys
import time

TIME_LIMIT = 600


def unit_tests(builddir, srcdir):
    """Yield (name, command) of the C unit tests."""
    for source in sorted(glob.glob(os.path.join(srcdir, "Programs", "unit", "test_*.c"))):
        name = os.path.basename(source)[:-2]
        yield "unit " + name, ["sh", "-c", f"make -s Programs/unit/{name} && Programs/unit/{name}"]


def tool_tests(builddir, srcdir):
    """Yield (name, command) of the generators' own tests."""
    for test in sorted(glob.glob(os.path.join(srcdir, "Tools", "*", "test_*.py"))):
        name = os.path.relpath(test, srcdir)
        yield name, [sys.executable, test]


def guards(builddir, srcdir):
    """Yield (name, command) of the checks that guard the invariants."""
    tools = os.path.join(srcdir, "Tools")
    yield "headers alone", [sys.executable, os.path.join(tools, "abi", "check_headers.py"),
                            "--pyconfig", builddir, "--pyconfig", os.path.join(builddir, "gen")]
    yield "layouts", ["make", "-s", "check-layout"]
    yield "exports", [sys.executable, os.path.join(tools, "abi", "check_exports.py"),
                      os.path.join(builddir, "python")]
    checker = os.path.join(tools, "globals", "check_globals.py")
    if os.path.exists(checker):
        yield "writable globals", [sys.executable, checker, os.path.join(builddir, "python")]


def bare_tests(builddir, srcdir):
    """Yield (name, command) of the scripts that need no standard library."""
    driver = os.path.join(srcdir, "Programs", "bare", "run.py")
    for script in sorted(glob.glob(os.path.join(srcdir, "Programs", "bare", "*.py"))):
        if script != driver:
            name = "bare " + os.path.basename(script)
            yield name, [sys.executable, driver, os.path.join(builddir, "python"), script]


def python_tests(builddir, srcdir):
    """Yield (name, command) of our own tests in Python and of the recorded regression tests."""
    python = os.path.join(builddir, "python")
    for test in sorted(glob.glob(os.path.join(srcdir, "Lib", "test", "test_ladon_*.py"))):
        yield os.path.basename(test)[:-3], [python, test]
    regrtest = os.path.join(srcdir, "Tools", "regrtest", "run.py")
    if os.path.exists(regrtest):
        done = subprocess.run([sys.executable, regrtest, "--list", "--python", python],
                              capture_output=True, text=True)
        if done.returncode:
            print("regression suite:", done.stdout.strip() or done.stderr.strip())
        for name in done.stdout.split() if done.returncode == 0 else ():
            yield "regrtest " + name, [sys.executable, regrtest, "--python", python, name]


def run(name, command, builddir):
    """Run one check; return True if it passed."""
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=builddir, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True, text=True, errors="backslashreplace",
                               preexec_fn=lambda: signal.signal(signal.SIGINT,
                                                                signal.default_int_handler))
    try:
        output, _ = process.communicate(timeout=TIME_LIMIT)
        passed = process.returncode == 0
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        output += f"\nkilled after {TIME_LIMIT} seconds"
        passed = False
    spent = time.monotonic() - start
    print(f"{'ok  ' if passed else 'FAIL'} {name} ({spent:.1f} s)", flush=True)
    if not passed:
        print("\n".join("    " + line for line in output.splitlines()[-30:]), flush=True)
    return passed


def main():
    """Run all checks; arguments as in the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--builddir", default=".")
    parser.add_argument("--srcdir", required=True)
    parser.add_argument("--only", nargs="*", default=[])
    args = parser.parse_args()
    builddir = os.path.abspath(args.builddir)
    srcdir = os.path.abspath(args.srcdir)
    passed = failed = 0
    for group in (tool_tests, guards, unit_tests, bare_tests, python_tests):
        for name, command in group(builddir, srcdir):
            if args.only and not any(text in name for text in args.only):
                continue
            if run(name, command, builddir):
                passed += 1
            else:
                failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
