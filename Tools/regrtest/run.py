#!/usr/bin/env python3
"""Run modules of CPython's regression suite as released, and keep their recorded states.

Usage: run.py --python PYTHON [--list | --record] [--tier T0 ...] [--slow] [--quiet] [NAME ...]

Without names: the modules recorded as passing (of the tiers given).  Exit status 0 when all pass.
Those recorded as slow (they pass, in more than SLOW seconds) run with --slow, those recorded as
quiet (they pass unless the machine is busy) with --quiet; what is left out is said on stderr.
--list prints the names that would run (status 3 when the machine has no `test` package).
--record runs the names, or all modules of the tiers given (default: all), and rewrites states.tsv:
a module that passes is recorded as pass or slow.  A reason stands until then; quiet stays.

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
import time

HERE = os.path.dirname(os.path.abspath(__file__))
STATES = os.path.join(HERE, "states.tsv")
TIME_LIMIT = 300
SLOW = 10           # seconds above which a module is not run unless asked for
# Tests that are left out of modules that pass otherwise, each with the reason.
IGNORED = {
    # A virtual machine's sockets that nobody answers: hangs on CPython as well.
    "test_socket": "*VSOCK*",
    # Sets the configuration of a running interpreter by a private function.
    "test_embed": "*.SetConfigTests.*",
    # Counts a copy of the line read last; a private detail: ours has no such copy.
    "test_pickle": "test.test_pickle.SizeofTests.test_unpickler",
}


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
    """Run one module; return (outcome, text): outcome is pass, skip or fail."""
    command = [python, "-m", "test", "-v", name]
    if name in IGNORED:
        command += ["-i", IGNORED[name]]
    # Options for Python that the caller has set are not what is tested.
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    with tempfile.TemporaryDirectory() as tmp:
        process = subprocess.Popen(
            command + ["--tempdir", tmp], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="backslashreplace", start_new_session=True, cwd=tmp, env=env,
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


def passed(outcome, fields):
    """True if a module with this row is as good as on CPython."""
    return outcome == "pass" or (outcome == "skip" and fields[1] == "skip")


def chosen(states, args):
    """Return the recorded names that run without being named; say on stderr what is left out."""
    names = []
    for state, wanted in (("pass", True), ("slow", args.slow), ("quiet", args.quiet)):
        found = [name for name, fields in states.items()
                 if fields[2] == state and (not args.tier or fields[0] in args.tier)]
        if wanted:
            names += found
        elif found:
            print(f"regression suite: {len(found)} modules recorded as {state} are left out; "
                  f"Tools/regrtest/run.py --{state} runs them", file=sys.stderr)
    return names


def record(python, names, states, header):
    """Run the modules; write each result to states.tsv as soon as it is known."""
    for name in names:
        start = time.monotonic()
        outcome, text = run_one(python, name)
        seconds = time.monotonic() - start
        fields = states[name]
        if fields[2] == "quiet":
            print(name, "stays quiet; this run:", outcome, flush=True)
            continue
        if passed(outcome, fields):
            fields[2:] = ["slow" if seconds > SLOW else "pass", ""]
        elif fields[2] not in ("fail", "expected") or not fields[3]:
            fields[2:] = ["fail", summary(text).replace("\t", " ")]
        print(f"{name} {fields[2]} {fields[3]} ({seconds:.1f} s)", flush=True)
        write_states(states, header)


def find_cpython():
    """Return a CPython 3.12 with the test package on this machine, or None."""
    sys.path.insert(0, os.path.join(os.path.dirname(HERE), "build"))
    import stdlib_source
    for library in stdlib_source.candidates():
        python = os.path.join(os.path.dirname(os.path.dirname(library)), "bin", "python3.12")
        if os.path.exists(python) and has_suite(python):
            return python
    return None


def check(python, names, states):
    """Run the modules; return the names of those that do not pass.

    What does not pass on the machine's CPython 3.12 either (no such sockets or users here) is said,
    and not judged.
    """
    failed = []
    for name in names:
        outcome, text = run_one(python, name)
        if outcome == "fail":
            # once more, as regrtest's own -w does: a busy machine upsets tests of time
            print(name, "failed, run again", flush=True)
            outcome, text = run_one(python, name)
        good = passed(outcome, states.get(name, ["", ""]))
        if not good:
            cpython = find_cpython()
            if cpython is not None and run_one(cpython, name)[0] == outcome:
                print(name, f"not judged: {outcome} on CPython here, too", flush=True)
                continue
        print(name, "passed" if good else "FAILED", flush=True)
        if not good:
            failed.append(name)
            print(text[-3000:])
    return failed


def main():
    """Run; arguments as in the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", required=True)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--tier", action="append", default=[])
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    python = os.path.abspath(args.python)
    states, header = read_states()
    if not has_suite(python):
        print("the regression suite did not run: no test package")
        return 3
    if args.record:
        tiers = args.tier or {fields[0] for fields in states.values()}
        record(python, args.names or [name for name, fields in states.items()
                                      if fields[0] in tiers], states, header)
        return 0
    names = args.names or chosen(states, args)
    if args.list:
        print("\n".join(names))
        return 0
    return 1 if check(python, names, states) else 0


if __name__ == "__main__":
    sys.exit(main())
