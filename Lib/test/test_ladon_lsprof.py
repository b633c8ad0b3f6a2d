"""_lsprof: counts and times with a timer that counts, compared with what CPython 3.12.1 gives, and
what a strange timer does.
"""

import _lsprof
import gc
import math
import sys
import threading
import unittest

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

_ladontest = ladon_support._ladontest
TOOL = sys.monitoring.PROFILER_ID


def even(n):
    return odd(n) if n else 0


def odd(n):
    return even(n - 1) + len([])


def generate():
    yield 1
    yield 2


class Methods:
    def append(self):
        return [].append(1)

    @staticmethod
    def make():
        return dict.fromkeys([1])


def work():
    """Calls of all kinds."""
    even(3)
    Methods().append()
    Methods.make()
    list(generate())
    sorted([3, 1], key=lambda x: x)
    "a".join(["b"])
    int("5")
    list.append([], 1)
    for wrong in (int.from_bytes, lambda: even("a")):
        try:
            wrong()
        except TypeError:
            pass
    math.sqrt(2)


def name(function):
    return function if isinstance(function, str) else function.co_name


def profile(*args, **flags):
    """What work() costs: a sorted list of tuples."""
    time = iter(range(1000))
    profiler = _lsprof.Profiler(lambda: next(time), *args)
    profiler.enable(**flags)
    work()
    profiler.disable()
    return sorted((name(entry.code), *entry[1:5],
                   sorted((name(call.code), *call[1:]) for call in entry.calls or ()))
                  for entry in profiler.getstats())


class ProfilerTests(unittest.TestCase):
    maxDiff = None

    def test_functions(self):
        self.assertEqual(profile(1.0, False, False), FUNCTIONS)

    def test_subcalls(self):
        """Everything, in units of the timer, and in seconds."""
        found = profile(1.0)
        self.assertEqual(found, ALL)
        halves = profile(0.5)
        self.assertEqual([row[3] for row in halves], [row[3] / 2 for row in ALL])
        seconds = profile()
        self.assertEqual([round(row[3], 6) for row in seconds], [row[3] for row in ALL])
        without = profile(1.0, False)
        self.assertEqual(without, [(*row[:5], []) for row in ALL])
        self.assertEqual(profile(1.0, subcalls=False), without)

    def test_tool(self):
        first, second = _lsprof.Profiler(), _lsprof.Profiler()
        first.enable()
        self.assertEqual(sys.monitoring.get_tool(TOOL), "cProfile")
        for other in (first, second):
            self.assertRaisesRegex(ValueError, "Another profiling tool", other.enable)
        first.disable()
        first.disable()
        self.assertIsNone(sys.monitoring.get_tool(TOOL))
        self.assertTrue(first.getstats())
        first.clear()
        self.assertEqual(first.getstats(), [])

    def test_unbalanced(self):
        """Returns without calls, calls without returns, and callbacks called by hand."""
        profiler = _lsprof.Profiler()

        def inner():
            profiler.enable()
            even(2)

        inner()
        self.assertIn(even.__code__, [entry.code for entry in profiler.getstats()])
        profiler.clear()
        for callback in ("_pystart_callback", "_pyreturn_callback", "_ccall_callback",
                         "_creturn_callback"):
            for args in ((), (1,), (1, 2, len), (1, 2, len, 3), (1, 2, list.append, 3)):
                self.assertIsNone(getattr(profiler, callback)(*args))
        profiler.disable()
        profiler.enable()
        profiler.clear()
        profiler.disable()
        profiler.getstats()

    def test_no_calls_yet(self):
        """getstats() goes on profiling; what has not returned is no call so far."""
        profiler = _lsprof.Profiler()
        profiler.enable()
        even(2)
        first = {entry.code: entry.callcount for entry in profiler.getstats()}
        even(2)
        profiler.disable()
        second = {entry.code: entry.callcount for entry in profiler.getstats()}
        code = even.__code__
        self.assertEqual((first[code], second[code]), (3, 6))

    def test_tool_of_others(self):
        """A profiler whose tool was taken away leaves that of its successor alone."""
        first, second = _lsprof.Profiler(), _lsprof.Profiler()
        first.enable()
        sys.monitoring.free_tool_id(TOOL)
        self.assertRaisesRegex(ValueError, "not in use", first.disable)
        first.enable()
        sys.monitoring.free_tool_id(TOOL)
        second.enable()
        del first
        gc.collect()
        even(2)
        self.assertEqual(sys.monitoring.get_tool(TOOL), "cProfile")
        second.disable()
        self.assertIn(even.__code__, [entry.code for entry in second.getstats()])

    def test_names_that_use_the_profiler(self):
        """The name of a function may come from a repr() that does what it likes."""
        class Strange:
            def __repr__(self):
                list.append(Own(), 1) if depth else None
                depth.clear()
                for use in uses:
                    use()
                return "strange"

        class Own(list):
            append = Strange()

        for use in ("clear", "getstats", "disable", "disable clear", "clear disable enable"):
            depth = [1]
            profiler = _lsprof.Profiler()
            uses = [getattr(profiler, name) for name in use.split()]
            profiler.enable()
            list.append(Own(), 1)
            profiler.disable()
            self.assertLessEqual(set(map(name, (entry.code for entry in profiler.getstats()))),
                                 {"strange", "__repr__", *(f"<method {name!r} of '_lsprof.Profiler'"
                                  " objects>" for name in ("clear", "getstats", "disable",
                                                           "enable")),
                                  "<method 'clear' of 'list' objects>"})

    def test_timer_that_fails(self):
        caught = []
        self.addCleanup(setattr, sys, "unraisablehook", sys.unraisablehook)
        sys.unraisablehook = lambda error: caught.append((error.exc_type, error.object))
        for timer, args in ((lambda: 1 / 0, ()), (lambda: "x", ()), (lambda: "x", (1.0,))):
            caught.clear()
            profiler = _lsprof.Profiler(timer, *args)
            profiler.enable()
            even(1)
            profiler.disable()
            self.assertIn(caught[0][0], (ZeroDivisionError, TypeError))
            self.assertIs(caught[0][1], timer)
            self.assertEqual({entry.totaltime for entry in profiler.getstats()}, {0.0})

    def test_hook_that_uses_the_profiler(self):
        """What runs because the timer failed counts as the timer's."""
        errors = []

        def hook(error):
            for use in (profiler.clear, profiler.disable):
                try:
                    use()
                except RuntimeError as error:
                    errors.append(error)

        self.addCleanup(setattr, sys, "unraisablehook", sys.unraisablehook)
        sys.unraisablehook = hook
        profiler = _lsprof.Profiler(lambda: 1 / 0)
        profiler.enable()
        even(2)
        profiler.disable()
        self.assertGreater(len(errors), 6)

    def test_timer_that_uses_the_profiler(self):
        errors = []

        def timer():
            for use in (profiler.clear, profiler.disable, profiler.getstats):
                try:
                    use()
                except RuntimeError as error:
                    errors.append(str(error))
            even(1)
            profiler.__init__(timer, 1.0)
            return 1

        profiler = _lsprof.Profiler(timer, 1.0)
        profiler.enable()
        even(3)
        profiler.disable()
        self.assertEqual(set(errors), {"cannot clear profiler in external timer",
                                       "cannot disable profiler in external timer"})
        calls = {entry.code: entry.callcount for entry in profiler.getstats()}
        self.assertEqual(calls[even.__code__], 4)

    def test_collected(self):
        class Own(_lsprof.Profiler):
            pass

        profiler = Own()
        profiler.__init__(lambda: profiler and 1)
        profiler.enable()
        even(1)
        profiler.disable()
        del profiler
        gc.collect()
        self.assertFalse([o for o in gc.get_objects() if type(o) is Own])


    def test_threads(self):
        """Profilers see the calls of all threads."""
        profiler = _lsprof.Profiler()
        profiler.enable()
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        profiler.disable()
        counts = {entry.code: entry.callcount for entry in profiler.getstats()}
        self.assertEqual(counts[work.__code__], 4)

    def test_interpreters(self):
        """Each interpreter has its tool."""
        ladon_support.run_in_interpreters(
            "import cProfile, io, pstats\n"
            "profile = cProfile.Profile()\n"
            "profile.runcall(sorted, range(100), key=lambda x: -x)\n"
            "out = io.StringIO()\n"
            "pstats.Stats(profile, stream=out).print_stats()\n"
            "assert '100    0.0' in out.getvalue()\n"
            "left = cProfile.Profile()\n"
            "left.enable()\n", 3, threads=3)

    @ladon_support.needs_failing_allocations
    def test_no_memory(self):
        def action():
            profiler = _lsprof.Profiler(lambda: 1, 1.0)
            try:
                profiler.enable()
                even(3)
                Methods().append()
                sorted([3, 1], key=lambda x: x)
                profiler.disable()
                profiler.getstats()
            finally:
                if sys.monitoring.get_tool(TOOL) is not None:
                    _ladontest.fail_allocation(0)
                    sys.monitoring.set_events(TOOL, 0)
                    for i in range(17):
                        sys.monitoring.register_callback(TOOL, 1 << i, None)
                    sys.monitoring.free_tool_id(TOOL)

        lost, number = ladon_support.lost_blocks(action)
        self.assertLess(lost, 20)
        self.assertGreater(number, 20)


FUNCTIONS = [
    ('<lambda>', 1, 0, 5.0, 2.0, []),
    ('<lambda>', 2, 0, 2.0, 2.0, []),
    ('append', 1, 0, 1.0, 1.0, []),
    ('even', 5, 3, 16.0, 9.0, []),
    ('generate', 3, 0, 3.0, 3.0, []),
    ('make', 1, 0, 1.0, 1.0, []),
    ('odd', 4, 2, 12.0, 7.0, []),
    ('work', 1, 0, 35.0, 10.0, []),
]

ALL = [
    ('<built-in method builtins.len>', 3, 0, 3.0, 3.0, []),
    ('<built-in method builtins.sorted>', 1, 0, 5.0, 3.0, [('<lambda>', 2, 0, 2.0, 2.0)]),
    ('<built-in method from_bytes>', 1, 0, 1.0, 1.0, []),
    ('<built-in method fromkeys>', 1, 0, 1.0, 1.0, []),
    ('<built-in method math.sqrt>', 1, 0, 1.0, 1.0, []),
    ('<lambda>', 1, 0, 5.0, 2.0, [('even', 1, 0, 3.0, 2.0)]),
    ('<lambda>', 2, 0, 2.0, 2.0, []),
    ("<method 'append' of 'list' objects>", 2, 0, 2.0, 2.0, []),
    ("<method 'disable' of '_lsprof.Profiler' objects>", 1, 0, 1.0, 1.0, []),
    ("<method 'join' of 'str' objects>", 1, 0, 1.0, 1.0, []),
    ('append', 1, 0, 3.0, 2.0, [("<method 'append' of 'list' objects>", 1, 0, 1.0, 1.0)]),
    ('even', 5, 3, 22.0, 9.0, [('odd', 4, 2, 18.0, 10.0)]),
    ('generate', 3, 0, 3.0, 3.0, []),
    ('make', 1, 0, 3.0, 2.0, [('<built-in method fromkeys>', 1, 0, 1.0, 1.0)]),
    ('odd', 4, 2, 18.0, 10.0, [
        ('<built-in method builtins.len>', 3, 0, 3.0, 3.0),
        ('even', 3, 2, 13.0, 5.0)]),
    ('work', 1, 0, 55.0, 13.0, [
        ('<built-in method builtins.sorted>', 1, 0, 5.0, 3.0),
        ('<built-in method from_bytes>', 1, 0, 1.0, 1.0),
        ('<built-in method math.sqrt>', 1, 0, 1.0, 1.0),
        ('<lambda>', 1, 0, 5.0, 2.0),
        ("<method 'append' of 'list' objects>", 1, 0, 1.0, 1.0),
        ("<method 'join' of 'str' objects>", 1, 0, 1.0, 1.0),
        ('append', 1, 0, 3.0, 2.0),
        ('even', 1, 0, 19.0, 2.0),
        ('generate', 3, 0, 3.0, 3.0),
        ('make', 1, 0, 3.0, 2.0)]),
]


if __name__ == "__main__":
    unittest.main()
