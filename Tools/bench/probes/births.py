"""Isolated interpreters: time to make, use and end one; private memory of a living one."""

import time

import _xxsubinterpreters as interpreters

ROUNDS = 40
ALIVE = 40


def private():
    """Return the private memory of this process in KiB."""
    with open("/proc/self/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private_"))


def timed(code):
    """Print the median times of making, running and ending."""
    rows = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        interp = interpreters.create()
        made = time.perf_counter()
        if code is not None:
            interpreters.run_string(interp, code)
        ran = time.perf_counter()
        interpreters.destroy(interp)
        rows.append((made - start, ran - made, time.perf_counter() - ran))
    return [sorted(column)[ROUNDS // 2] * 1e6 for column in zip(*rows)]


def memory(code):
    """Return KiB of each living interpreter that ran code."""
    before = private()
    living = []
    for _ in range(ALIVE):
        living.append(interpreters.create())
        if code is not None:
            interpreters.run_string(living[-1], code)
    used = private() - before
    for interp in living:
        interpreters.destroy(interp)
    return used / ALIVE


timed("import json, sys; sys.stdout")       # compiles what has no .pyc yet
made, _, ended = timed(None)
print("interpreter make", made, "us")
print("interpreter end", ended, "us")
print("interpreter make+run+end", sum(timed("x = 1")), "us")
print("interpreter with streams", sum(timed("import sys; sys.stdout")), "us")
print("interpreter with json", sum(timed("import json")), "us")
print("interpreter memory", memory("x = 1"), "KiB")
print("... with streams", memory("import sys; sys.stdout"), "KiB")
print("... with json", memory("import json"), "KiB")
