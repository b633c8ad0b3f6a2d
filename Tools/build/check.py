#!/usr/bin/env python3
"""Run the tests of one or more builds and print "N passed, N failed" at the end.

Usage: check.py --srcdir DIR [--builddir DIR ...] [--only NAME ...] [-j N] [--stress SECONDS]
                [--tier T0 ...]

A check is a name and a command; it passes when the command exits with 0 in time.  The output of
failing ones is shown.  What does not apply to a build is not counted (and says why).

Checks run N at a time (default: 2), then those that measure, one at a time, and the stress last;
results come in the order of the checks.
What does not depend on the build runs once, for the first build directory; there the modules of the
regression suite recorded as passing run (not those recorded as slow or quiet: Tools/regrtest), in
the others those of the tiers given (default: T0).  With one build directory, --tier counts for it.
"""

import argparse
import concurrent.futures
import glob
import os
import re
import signal
import subprocess
import sys
import threading
import time

TIME_LIMIT = 600
GROWTH = "1024"     # MiB by which the stress may grow in a sanitizer build, which delays frees
# Modules that sanitizer builds cannot pass, and why.
UNSANITIZED = {"test_genexps": "wants freed addresses to be used again at once",
               "test_ladon_scaling": "the sanitizer's allocator has locks of its own",
               "test_ladon_install": "links a program without the sanitizer's library"}
# Tests that compare times: they run with nothing beside them.
MEASURING = ("test_ladon_scaling",)


class Build:
    """One build directory: its Python, whether it has a sanitizer, the tiers to run."""

    def __init__(self, builddir, srcdir, tiers, label):
        self.dir = os.path.abspath(builddir)
        self.srcdir = os.path.abspath(srcdir)
        self.python = os.path.join(self.dir, "python")
        self.tools = os.path.join(self.srcdir, "Tools")
        self.tiers = tiers
        self.label = label
        with open(os.path.join(self.dir, "Makefile"), encoding="utf-8") as file:
            self.sanitized = "-fsanitize=" in file.read()


def tool_tests(build):
    """Yield (name, command) of the generators' own tests."""
    for test in sorted(glob.glob(os.path.join(build.tools, "*", "test_*.py"))):
        yield os.path.relpath(test, build.srcdir), [sys.executable, test]


def source_guards(build):
    """Yield (name, command) of the checks that guard what all builds share."""
    yield "headers alone", [sys.executable, os.path.join(build.tools, "abi", "check_headers.py"),
                            "--pyconfig", build.dir, "--pyconfig", os.path.join(build.dir, "gen")]
    yield "prototypes", [sys.executable, os.path.join(build.tools, "abi", "check_prototypes.py"),
                         "-I", build.dir, "-I", os.path.join(build.dir, "gen"),
                         os.path.join(build.srcdir, "Include")]


def build_guards(build):
    """Yield (name, command) of the checks that look at the build's result."""
    yield "layouts", ["make", "-s", "check-layout"]
    yield "exports", [sys.executable, os.path.join(build.tools, "abi", "check_exports.py"),
                      build.python]
    checker = os.path.join(build.tools, "globals", "check_globals.py")
    if os.path.exists(checker) and not build.sanitized:
        modules = os.path.join(build.dir, "build", "lib", "python3.12", "lib-dynload", "*.so")
        yield "writable globals", [sys.executable, checker, build.python, *glob.glob(modules)]


def unit_tests(build):
    """Yield (name, command) of the C unit tests; unit_programs() compiled them."""
    for source in sorted(glob.glob(os.path.join(build.srcdir, "Programs", "unit", "test_*.c"))):
        name = os.path.basename(source)[:-2]
        yield "unit " + name, [os.path.join("Programs", "unit", name)]


def unit_programs(build):
    """Yield (name, command) that compiles all unit tests, so that no two of them do it at once."""
    yield "unit tests compile", ["make", "-s", "unit"]


def bare_tests(build):
    """Yield (name, command) of the scripts that need no standard library."""
    driver = os.path.join(build.srcdir, "Programs", "bare", "run.py")
    for script in sorted(glob.glob(os.path.join(build.srcdir, "Programs", "bare", "*.py"))):
        if script != driver:
            name = "bare " + os.path.basename(script)
            yield name, [sys.executable, driver, build.python, script]


def python_tests(build):
    """Yield (name, command) of our own tests in Python and of the recorded regression tests."""
    for test in sorted(glob.glob(os.path.join(build.srcdir, "Lib", "test", "test_ladon_*.py"))):
        name = os.path.basename(test)[:-3]
        if build.sanitized and name in UNSANITIZED:
            print(f"not run: {name}, {UNSANITIZED[name]}", flush=True)
            continue
        yield name, [build.python, test]
    regrtest = os.path.join(build.tools, "regrtest", "run.py")
    if os.path.exists(regrtest):
        command = [sys.executable, regrtest, "--list", "--python", build.python]
        for tier in build.tiers:
            command += ["--tier", tier]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            print("regression suite:", done.stdout.strip() or done.stderr.strip(), flush=True)
        else:
            print(done.stderr, end="", flush=True)      # what is left out
        for name in done.stdout.split() if done.returncode == 0 else ():
            if build.sanitized and name in UNSANITIZED:
                print(f"not run: {name}, {UNSANITIZED[name]}", flush=True)
                continue
            yield "regrtest " + name, [sys.executable, regrtest, "--python", build.python, name]


def stress_tests(build, seconds):
    """Yield (name, command) of what runs for a time given."""
    for script in sorted(glob.glob(os.path.join(build.tools, "stress", "*.py"))):
        name = f"stress {os.path.basename(script)} {seconds}"
        yield name, [build.python, script, str(seconds)] + ([GROWTH] if build.sanitized else [])


class Runner:
    """Runs checks, several at a time; prints their results in order; counts."""

    def __init__(self, jobs):
        self.jobs = jobs
        self.passed = self.failed = 0
        self.lock = threading.Lock()
        self.groups = set()         # process groups that run; guarded by lock
        self.stopped = False

    def kill_all(self):
        """End what runs; nothing starts any more."""
        with self.lock:
            self.stopped = True
            for group in self.groups:
                kill_group(group)

    def run_one(self, command, builddir, limit):
        """Run one check; return (passed, seconds, output)."""
        start = time.monotonic()
        with self.lock:
            if self.stopped:
                return False, 0.0, "not started"
            try:
                process = subprocess.Popen(command, cwd=builddir, stdin=subprocess.DEVNULL,
                                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                           start_new_session=True, text=True,
                                           errors="backslashreplace")
            except OSError as error:
                return False, 0.0, str(error)
            self.groups.add(process.pid)
        try:
            output, _ = process.communicate(timeout=limit)
            passed = process.returncode == 0
            if process.returncode < 0:
                output += f"\nended by signal {-process.returncode}"
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
            output, _ = process.communicate()
            output += f"\nkilled after {limit} seconds"
            passed = False
        with self.lock:
            self.groups.discard(process.pid)
        kill_group(process.pid)     # what the check left running
        return passed, time.monotonic() - start, output

    def run(self, checks, jobs=None):
        """Run (name, command, directory, time limit) rows, `jobs` at a time (default: as made)."""
        with concurrent.futures.ThreadPoolExecutor(jobs or self.jobs) as pool:
            futures = [pool.submit(self.run_one, *rest) for _name, *rest in checks]
            try:
                for (name, *_), future in zip(checks, futures):
                    self.report(name, *future.result())
            except BaseException:
                for future in futures:
                    future.cancel()
                self.kill_all()
                raise

    def report(self, name, passed, spent, output):
        """Print and count one result."""
        if not passed and re.search(r"^NO TESTS RAN \(skipped=\d+\)$", output, re.MULTILINE):
            print(f"n/a  {name}: all of its tests say that they do not apply here", flush=True)
            return
        self.passed += passed
        self.failed += not passed
        print(f"{'ok  ' if passed else 'FAIL'} {name} ({spent:.1f} s)", flush=True)
        if not passed:
            print("\n".join("    " + line for line in output.splitlines()[-30:]), flush=True)


def kill_group(group):
    """Kill a process group that may have ended already."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def main():
    """Run all checks; arguments as in the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--builddir", action="append")
    parser.add_argument("--srcdir", required=True)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--tier", action="append", default=[])
    parser.add_argument("--stress", type=int, default=60, help="seconds of stress; 0: none")
    parser.add_argument("-j", type=int, default=2, dest="jobs")
    args = parser.parse_args()
    # Ctrl-C for us and the children, even if our caller ignores it: a handler is not inherited.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    names = args.builddir or ["."]
    builds = []
    for name in names:
        first = name == names[0]
        label = f"{os.path.basename(os.path.abspath(name))}: " if len(names) > 1 else ""
        tiers = args.tier or ["T0"] if not first else args.tier if len(names) == 1 else []
        builds.append(Build(name, args.srcdir, tiers, label))

    def rows(group, build, label, limit, *rest):
        return [(label + name, command, build.dir, limit)
                for name, command in group(build, *rest)
                if not args.only or any(text in name for text in args.only)]

    runner = Runner(args.jobs)
    for number, build in enumerate(builds):
        limit = TIME_LIMIT * (3 if build.sanitized else 1)
        if not args.only or any("unit" in text for text in args.only):
            runner.run([(build.label + name, command, build.dir, limit)
                        for name, command in unit_programs(build)])
        checks = []
        for group in (tool_tests, source_guards) if number == 0 else ():
            checks += rows(group, build, "", limit)
        for group in (build_guards, unit_tests, bare_tests, python_tests):
            checks += rows(group, build, build.label, limit)
        measuring = [check for check in checks if check[0].endswith(MEASURING)]
        runner.run([check for check in checks if check not in measuring])
        runner.run(measuring, 1)
    stress = []
    for build in builds if args.stress else ():
        stress += rows(stress_tests, build, build.label, args.stress + TIME_LIMIT, args.stress)
    runner.run(stress)
    print(f"{runner.passed} passed, {runner.failed} failed")
    return 1 if runner.failed or not runner.passed else 0


if __name__ == "__main__":
    sys.exit(main())
