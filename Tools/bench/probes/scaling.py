"""The same work in one and in two isolated interpreters on threads: how much faster two are."""

import threading
import time

import _xxsubinterpreters as interpreters

WORK = """
total = 0
words = {}
for i in range(400000):
    total += i * i % 7
    words[i % 1000] = str(i)
"""


def run(count):
    """Return seconds until `count` interpreters have done the work."""
    made = [interpreters.create() for _ in range(count)]
    threads = [threading.Thread(target=interpreters.run_string, args=(interp, WORK))
               for interp in made]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - start
    for interp in made:
        interpreters.destroy(interp)
    return spent


run(1)
print("two interpreters", 2 * run(1) / run(2), "times")
