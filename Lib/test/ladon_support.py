"""What several of our tests need: allocations that fail on demand, threads with interpreters.

Tests import it as a module beside them when they run as scripts, else from the package test.
"""

import gc
import itertools
import sys
import threading
import unittest

try:
    import _ladontest
except ImportError:
    _ladontest = None

needs_failing_allocations = unittest.skipIf(
    _ladontest is None, "needs a build that can fail allocations")


def has_sanitizer(name):
    """True if this program runs with the library of a sanitizer: "tsan", "asan"."""
    with open("/proc/self/maps") as file:
        return "lib" + name in file.read()


# KiB that AddressSanitizer keeps of what was freed last (its quarantine), as `make check-all` asks.
QUARANTINE = 64 * 1024 if has_sanitizer("asan") else 0


def fail_each_allocation(action, errors=(MemoryError,), *, numbers=None, prepare=None,
                         check=None):
    """Call action() with its first allocation failing, its second, ... until none fails any more.

    errors: exceptions that a failed allocation may lead to.  numbers: which allocations fail (an
    iterable of int, default: all).  prepare(), check(): called before and after each call.
    Return the number of the first allocation that action() does not come to.
    """
    for number in itertools.count(1) if numbers is None else numbers:
        if prepare is not None:
            prepare()
        _ladontest.fail_allocation(number)
        try:
            action()
        except errors:
            _ladontest.fail_allocation(0)
        else:
            if not _ladontest.fail_allocation(0):
                return number
        finally:
            _ladontest.fail_allocation(0)
        if check is not None:
            check()
    raise AssertionError("the action has more allocations than numbers were given")


def lost_blocks(action, errors=(MemoryError,), **options):
    """Do fail_each_allocation() between two quiet states of the heap.

    Return the blocks that the second has more than the first, and what fail_each_allocation() gave.
    """
    def settle():
        for _ in range(3):
            if "prepare" in options:
                options["prepare"]()
            action()
            gc.collect()
        return sys.getallocatedblocks()

    settle()
    before = settle()
    number = fail_each_allocation(action, errors, **options)
    return settle() - before, number


def run_in_interpreters(code, times, threads=2):
    """Let threads make an interpreter, run code in it and destroy it, so many times each.

    Raise the first exception of any of them.
    """
    import _xxsubinterpreters as interpreters
    errors = []

    def work():
        try:
            for _ in range(times):
                interp = interpreters.create()
                try:
                    interpreters.run_string(interp, code)
                finally:
                    interpreters.destroy(interp)
        except BaseException as error:
            errors.append(error)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    for error in errors:
        raise error
