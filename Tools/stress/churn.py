#!/usr/bin/env python3
"""Two threads make interpreters, import ten modules in each and destroy it, until time is over.

Usage: ./python churn.py [SECONDS [MIB]]
60 seconds by default; the process may grow by MIB (64) after the first quarter of them: sanitizers
keep freed memory for a while and need more.

What fails the run: a crash, an exception, an interpreter that stays, memory that grows after
the first quarter of the time.  Written from the issue "Foundations", point 6.
"""

import faulthandler
import os
import sys
import threading
import time

import _xxsubinterpreters as interpreters

MODULES = "datetime json re enum collections functools string textwrap types copy"
THREADS = 2


def resident():
    """Return the bytes of this process that are in memory."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def work(end, counts, number, errors):
    """Make, use and destroy interpreters until `end`."""
    script = "import " + ", ".join(MODULES.split())
    try:
        while time.monotonic() < end and not errors:
            interp = interpreters.create()
            interpreters.run_string(interp, script)
            interpreters.destroy(interp)
            counts[number] += 1
    except BaseException as error:
        errors.append(error)


def main():
    """Run; arguments as in the module's docstring."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    growth = int(sys.argv[2]) << 20 if len(sys.argv) > 2 else 64 << 20
    faulthandler.enable()
    before = len(interpreters.list_all())
    end = time.monotonic() + seconds
    counts, errors = [0] * THREADS, []
    threads = [threading.Thread(target=work, args=(end, counts, number, errors))
               for number in range(THREADS)]
    for thread in threads:
        thread.start()
    time.sleep(seconds / 4)
    early = resident()
    for thread in threads:
        thread.join()
    late = resident()
    print(f"{sum(counts)} interpreters in {seconds:g} seconds, "
          f"{early >> 20} MiB after a quarter, {late >> 20} MiB at the end")
    for error in errors:
        print(f"{type(error).__name__}: {error}")
    left = len(interpreters.list_all()) - before
    if left:
        print(f"{left} interpreters are left")
    grown = late - early > growth
    if grown:
        print("memory grows")
    return 1 if errors or left or grown or not all(counts) else 0


if __name__ == "__main__":
    sys.exit(main())
