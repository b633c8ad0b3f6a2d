#!/usr/bin/env python3
"""Run the same programs on several interpreters, interleaved, and print medians and ratios.

Usage: bench.py [--runs N] [--only NAME ...] PYTHON PEER [PEER ...]

Programs (programs/*.py): seconds of processor time (user and system) of the whole process.
Programs whose output differs between the interpreters are reported and make the exit status 1.
Probes (probes/*.py): each prints "name value unit" lines, what it measures itself: the making of
interpreters, their memory, messages, scaling, memory of common objects.  The ratio is PYTHON's
median divided by the peer's, so below 1 PYTHON needs less; where more is better ("/s" and "times")
it is the peer's divided by PYTHON's.
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
MORE_IS_BETTER = ("/s", "times")


def spend(command):
    """Run a command; return (seconds of processor time, output)."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
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


def probe(path, pythons, runs):
    """Yield (name, unit, medians in the order of pythons) of what a probe prints.

    Peers that cannot run it are named, and have nan for medians.
    """
    values, unable = {}, set()
    for _ in range(runs):
        for python in pythons:
            if python in unable:
                continue
            try:
                output = spend([python, path])[1]
            except SystemExit as failure:
                if python == pythons[0]:
                    raise
                unable.add(python)
                print(f"{python}: no {os.path.basename(path)}: "
                      f"{str(failure).splitlines()[-1]}")
                continue
            for line in output.splitlines():
                *name, value, unit = line.split()
                values.setdefault((" ".join(name), unit), {}).setdefault(python, []).append(
                    float(value))
    for (name, unit), rows in values.items():
        yield name, unit, [statistics.median(rows[python]) if python in rows else math.nan
                           for python in pythons]


def print_probe(name, unit, medians):
    """Print one row of a probe."""
    more = unit in MORE_IS_BETTER
    ratios = [peer / medians[0] if more else medians[0] / peer for peer in medians[1:]]
    print(f"{name:28}" + "".join(f"{m:12.1f} {unit:5}" for m in medians)
          + "".join(f"{r:8.3f}" for r in ratios), flush=True)


def main():
    """Run; arguments as in the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=[], help="names of programs and probes")
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
    if ratios[0]:
        print(f"{'geometric mean':14}" + " " * (14 * len(pythons)) + "".join(
            f"{math.exp(statistics.fmean(map(math.log, r))):8.2f}" for r in ratios))
    if not args.only:
        for name, options in (("start-up -S", ["-S"]), ("start-up", [])):
            medians, _ = measure(name, [*options, "-c", "pass"], pythons, args.runs * 4)
            print(f"{name:14}" + "".join(f"{m:14.4f}" for m in medians)
                  + "".join(f"{medians[0] / m:8.2f}" for m in medians[1:]))
    for path in sorted(glob.glob(os.path.join(HERE, "probes", "*.py"))):
        if not args.only or os.path.basename(path)[:-3] in args.only:
            for row in probe(path, pythons, args.runs):
                print_probe(*row)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
