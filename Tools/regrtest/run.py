#!/usr/bin/env python3
"""Run modules of CPython's regression suite as released, and keep their recorded states.

Usage: run.py --python PYTHON [--list | --record] [--tier T0 ...] [NAME ...]

Without names: the modules recorded as passing (of the tiers given).  Exit status 0 when all pass.
--list prints the recorded names (status 3 when the machine has no `test` package).
--record runs the modules of the tiers given (default: T0 and T1) and rewrites states.tsv: a module
that passes is recorded as passing; a reason written by hand for a failing one is kept.

A module passes when `python -m test NAME` says so; one that is skipped as a whole does not,
unless CPython skips it as well (column cpython: skip).
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
STATES = os.path.join(HERE, "states.tsv")
TIME_LIMIT = 300


def read_states():
    """Return {name: [tier, cpython, state, reason]} and the header lines."""
    states, header = {}, []
    with open(STATES, encoding="utf-8") as file:
        for line in file:
            line = line.rstrip("\n")
            if line.startswith("#") or line.startswith("test\t"):
                header.append(line)
            elif line:
                name, *rest = line.split("\t")
                states[name] = (rest + ["", "", "", ""])[:4]
    return states, header


def write_states(states, header):
    """Write states.tsv back, sorted by tier and name."""
    rows = sorted(states.items(), key=lambda item: (item[1][0], item[0]))
    with open(STATES, "w", encoding="utf-8") as file:
        file.write("\n".join(header) + "\n")
        for name, fields in rows:
            file.write("\t".join([name] + fields).rstrip("\t") + "\n")


def has_suite(python):
    """True if the interpreter finds the test package."""
    done = subprocess.run([python, "-c", "import test.libregrtest"], capture_output=True)
    return done.returncode == 0


def run_one(python, name):
    """Run one module; return (state, text): state is pass, skip or fail."""
    with tempfile.TemporaryDirectory() as tmp:
        process = subprocess.Popen(
            [python, "-m", "test", "-v", "--tempdir", tmp, name], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="backslashreplace", start_new_session=True, cwd=tmp,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
        try:
            text, _ = process.communicate(timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            text, _ = process.communicate()
            return "fail", text + f"\nkilled after {TIME_LIMIT} seconds"
    if re.search(r"^Result: NO TESTS RAN", text, re.M):
        return "skip", text
    if process.returncode != 0:
        return "fail", text
    skipped = re.search(r"^\d+ tests? skipped:", text, re.M)
    if re.search(r"^Result: SUCCESS", text, re.M) and not skipped:
        return "pass", text
    return "skip", text


def summary(text):
    """Return one line that tells why a run failed."""
    names = re.findall(r"^(?:ERROR|FAIL): (\w+)", text, re.M)
    if names:
        return f"{len(names)} of its tests fail: " + ", ".join(names[:4])
    lines = [line for line in text.splitlines() if line.strip()]
    for line in reversed(lines):
        if re.match(r"(\w+Error|Fatal|\w+Exception|killed|Segmentation)", line):
            return line[:120]
    return lines[-1][:120] if lines else "no output"


def main():
    """Run; arguments as in the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", required=True)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--tier", action="append", default=[])
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    python = os.path.abspath(args.python)
    states, header = read_states()
    passing = [name for name, fields in states.items()
               if fields[2] == "pass" and (not args.tier or fields[0] in args.tier)]
    if not has_suite(python):
        print("the regression suite did not run: no test package")
        return 3
    if args.list:
        print("\n".join(passing))
        return 0
    if args.record:
        tiers = args.tier or ["T0", "T1"]
        names = args.names or [n for n, fields in states.items() if fields[0] in tiers]
        for name in names:
            state, text = run_one(python, name)
            fields = states[name]
            if state == "pass" or (state == "skip" and fields[1] == "skip"):
                fields[2:] = ["pass", ""]
            elif fields[2] != "expected":
                fields[2:] = ["fail", summary(text).replace("\t", " ")]
            print(name, fields[2], fields[3], flush=True)
            write_states(states, header)
        return 0
    failed = []
    for name in args.names or passing:
        state, text = run_one(python, name)
        if state == "fail":
            # once more, as regrtest's own -w does: a busy machine upsets tests of time
            print(name, "failed, run again", flush=True)
            state, text = run_one(python, name)
        good = state == "pass" or (state == "skip" and states.get(name, ["", ""])[1] == "skip")
        print(name, "passed" if good else "FAILED", flush=True)
        if not good:
            failed.append(name)
            print(text[-3000:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
