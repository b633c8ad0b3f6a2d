#!/usr/bin/env python3
"""Run the same programs on several interpreters, interleaved, and print medians and ratios.

Usage: bench.py [--runs N] [--only NAME ...] PYTHON PEER [PEER ...]

Times are seconds of processor time (user and system) of the whole process; the ratio is PYTHON's
median divided by the peer's, so below 1 PYTHON needs less.  Programs whose output differs between
the interpreters are reported and make the exit status 1.
"""

import argparse
import glob
import math
import os
import resource
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CREATE = """
import time
import _xxsubinterpreters as interpreters
start = time.perf_counter()
for _ in range(20):
    interpreters.destroy(interpreters.create())
print((time.perf_counter() - start) / 20)
"""


def spend(command):
    """Run a command; return (seconds of processor time, output)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}")
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return used, done.stdout


def measure(name, arguments, pythons, runs):
    """Return the list of medians, one for each interpreter; checks that the outputs agree."""
    times = {python: [] for python in pythons}
    outputs = set()
    for _ in range(runs):
        for python in pythons:
            used, output = spend([python, *arguments])
            times[python].append(used)
            outputs.add(output)
    if len(outputs) > 1:
        print(f"{name}: outputs differ")
    return [statistics.median(times[python]) for python in pythons], len(outputs) == 1


def creation(pythons, runs):
    """Return the medians of the seconds that one isolated interpreter takes to make and end."""
    times = {python: [] for python in pythons}
    for _ in range(runs):
        for python in pythons:
            times[python].append(float(spend([python, "-S", "-c", CREATE])[1]))
    return [statistics.median(times[python]) for python in pythons]


def main():
    """Run; arguments as in the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("python")
    parser.add_argument("peers", nargs="+")
    args = parser.parse_args()
    pythons = [args.python, *args.peers]
    print(f"{'program':14}" + "".join(f"{os.path.basename(p)[:12]:>14}" for p in pythons)
          + "".join(f"{'ratio':>8}" for _ in args.peers))
    ratios = [[] for _ in args.peers]
    good = True
    for path in sorted(glob.glob(os.path.join(HERE, "programs", "*.py"))):
        name = os.path.basename(path)[:-3]
        if args.only and name not in args.only:
            continue
        medians, same = measure(name, ["-S", path], pythons, args.runs)
        good = good and same
        row = [medians[0] / peer for peer in medians[1:]]
        for collected, ratio in zip(ratios, row):
            collected.append(ratio)
        print(f"{name:14}" + "".join(f"{m:14.3f}" for m in medians)
              + "".join(f"{r:8.2f}" for r in row), flush=True)
    print(f"{'geometric mean':14}" + " " * (14 * len(pythons)) + "".join(
        f"{math.exp(statistics.fmean(map(math.log, r))):8.2f}" for r in ratios))
    if not args.only:
        medians, _ = measure("start-up -S", ["-S", "-c", "pass"], pythons, args.runs * 4)
        print(f"{'start-up -S':14}" + "".join(f"{m:14.4f}" for m in medians)
              + "".join(f"{medians[0] / m:8.2f}" for m in medians[1:]))
        medians = creation(pythons, args.runs)
        print(f"{'interpreter':14}" + "".join(f"{m * 1000:11.3f} ms" for m in medians)
              + "".join(f"{medians[0] / m:8.3f}" for m in medians[1:]))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
