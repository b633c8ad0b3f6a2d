#!/usr/bin/env python3
"""Processor time per unit of work: one busy interpreter against two.

Usage: python scaling.py [--rounds N] [--seconds S] [--bound X] [NAME ...]

Each program runs in an isolated interpreter on its own thread, first alone, then in two
interpreters at once, in turn for so many rounds.  What counts is the processor time of the thread
(not the time on the clock) for one pass: the median of a run's passes, the least of all rounds, so
that a machine that is busy with other things disturbs it little.  Two interpreters that wrote a
common cache line, or waited for each other in the kernel, would show a ratio above 1.  With --bound
the exit status is 1 when a ratio is above it.
"""

import argparse
import sys
import threading

import _xxinterpchannels as channels
import _xxsubinterpreters as interpreters

# name: (setup, one pass)
PROGRAMS = {
    "arithmetic": ("", """
total = 0
for i in range(200000):
    total += i * i % 7
"""),
    "attributes": ("""
class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y
point = Point(1, 2)
""", """
for i in range(100000):
    point.x = point.y
    point.y = i
"""),
    "calls": ("""
def add(a, b=1):
    return a + b
def run():
    for i in range(100000):
        add(i)
        add(i, b=2)
        len((i,))
        max(i, 3)
""", "run()"),
    "allocation": ("""
def run():
    for i in range(30000):
        box = [i, (i, i), {i}, object(), [None] * 40, bytearray(700)]
""", "run()"),
    "strings": ("""
def run():
    parts = []
    for i in range(30000):
        parts.append(f"{i}:{i!r}".upper().replace("1", "one"))
    return ",".join(parts).split(",")
""", "run()"),
    "dicts": ("""
def run():
    table = {}
    for i in range(50000):
        table["key%d" % (i & 1023)] = i
        table.get(i)
        table[i & 255] = i
    return sorted(map(str, table))
""", "run()"),
    "exceptions": ("""
def thrower(i):
    raise ValueError(i)
def run():
    for i in range(20000):
        try:
            thrower(i)
        except ValueError as error:
            error.args
        try:
            {}[i]
        except KeyError:
            pass
""", "run()"),
    "recursion": ("""
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)
def run():
    fib(17)
    for i in range(40):
        deep(800)
""", "run()"),
    "classes": ("""
def run():
    for i in range(600):
        class A:
            def method(self):
                return i
        class B(A):
            def method(self):
                return super().method()
        B().method()
        isinstance(B(), A)
""", "run()"),
    "generators": ("""
def numbers(n):
    for i in range(n):
        yield i
def run():
    sum(x for x in numbers(60000))
    list(map(lambda v: v + 1, filter(None, numbers(30000))))
""", "run()"),
    "imports": ("import sys, colorsys", """
for i in range(30):
    del sys.modules["colorsys"]
    import colorsys
"""),
    "ast": ("""
import ast
source = "\\n".join("def f%d(a, b=1, *c, **d):\\n    return [a + b * %d for x in c if d]" % (i, i)
                   for i in range(60))
""", "ast.dump(ast.parse(source), include_attributes=True)"),
    "compile": ("""
source = "\\n".join("def f%d(a, b=1, *c, **d):\\n    return [a + b * %d for x in c if d]" % (i, i)
                   for i in range(150))
""", "compile(source, 'name', 'exec')"),
    "regex": ("""
import re
text = "alpha 12, beta 345; gamma 6789. " * 300
pattern = re.compile(r"(?P<name>[a-z]+)\\s+(?P<number>\\d+)")
""", """
for i in range(3):
    pattern.findall(text)
    pattern.sub(r"\\2 \\1", text)
"""),
    "json": ("""
import json
data = [{"id": i, "name": "n%d" % i, "tags": ["a", "b", None, True, 1.5]} for i in range(300)]
""", "json.loads(json.dumps(data))"),
    "blocks": ("""
def run():
    for i in range(60):
        block = bytearray(3000000)
        block = b"x" * 1500000
        parts = [bytes(5000) for k in range(100)]
""", "run()"),
}

WORKER = """
import _xxinterpchannels as channels
from time import thread_time
namespace = {}
exec(setup, namespace)
code = compile(body, "pass", "exec")
exec(code, namespace)
channels.send(ready, None)
channels.recv_wait(go)
passes, start = [], thread_time()
while not passes or end - start < seconds:
    begin = thread_time()
    exec(code, namespace)
    end = thread_time()
    passes.append(end - begin)
channels.send(done, sorted(passes)[len(passes) // 2])
"""


def run(name, count, seconds):
    """Run a program in `count` interpreters at once; return the mean of their median passes."""
    setup, body = PROGRAMS[name]
    ready, go, done = channels.create(), channels.create(), channels.create()
    ids = [interpreters.create() for _ in range(count)]
    errors = []

    def work(interp):
        try:
            interpreters.run_string(interp, WORKER, {
                "setup": setup, "body": body, "seconds": seconds,
                "ready": int(ready), "go": int(go), "done": int(done)})
        except Exception as error:
            errors.append(error)
            channels.send(ready, None)
            channels.send(done, 0.0)

    threads = [threading.Thread(target=work, args=(interp,)) for interp in ids]
    for thread in threads:
        thread.start()
    for _ in ids:
        channels.recv_wait(ready)
    for _ in ids:
        channels.send(go, None)
    results = [channels.recv_wait(done) for _ in ids]
    for thread in threads:
        thread.join()
    for interp in ids:
        interpreters.destroy(interp)
    for channel in (ready, go, done):
        channels.destroy(channel)
    if errors:
        raise errors[0]
    return sum(results) / count


def measure(name, rounds, seconds):
    """Return (seconds alone, seconds beside another): the least of so many rounds."""
    alone, beside = [], []
    for _ in range(rounds):
        alone.append(run(name, 1, seconds))
        beside.append(run(name, 2, seconds))
    return min(alone), min(beside)


def main():
    """Run; arguments as in the module's docstring.  Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.3, help="processor time of each run")
    parser.add_argument("--bound", type=float, default=0.0)
    parser.add_argument("names", nargs="*", metavar="NAME")
    args = parser.parse_args()
    status = 0
    print(f"{'program':<12} {'alone ms':>10} {'beside ms':>10} {'ratio':>6}")
    for name in args.names or PROGRAMS:
        alone, beside = measure(name, args.rounds, args.seconds)
        ratio = beside / alone
        mark = ""
        if args.bound and ratio > args.bound:
            mark, status = "  above the bound", 1
        print(f"{name:<12} {alone * 1e3:>10.3f} {beside * 1e3:>10.3f} {ratio:>6.2f}{mark}",
              flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
