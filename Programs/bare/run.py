#!/usr/bin/env python3
"""Run one script in bare mode and compare its output with the .expected file beside it.

Usage: run.py PYTHON SCRIPT.py.  The expected output is CPython 3.12's of the same script.
"""

import os
import subprocess
import sys


def main(python, script):
    """Return 0 if the outputs agree."""
    with open(os.path.splitext(script)[0] + ".expected", encoding="utf-8") as file:
        expected = file.read()
    done = subprocess.run([python, "-X", "bare", script], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=600)
    if done.returncode == 0 and done.stdout == expected:
        return 0
    print("exit status", done.returncode)
    ours, theirs = done.stdout.splitlines(), expected.splitlines()
    for number in range(max(len(ours), len(theirs))):
        mine = ours[number] if number < len(ours) else "(nothing)"
        wanted = theirs[number] if number < len(theirs) else "(nothing)"
        if mine != wanted:
            print(f"line {number + 1}: expected {wanted!r}, got {mine!r}")
            break
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
