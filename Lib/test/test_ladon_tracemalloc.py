"""_tracemalloc: interpreters in parallel, memory that ends, fork, the end of the process."""

import _tracemalloc
import gc
import os
import subprocess
import sys
import threading
import unittest

try:
    import ladon_support as support
except ImportError:
    from test import ladon_support as support


def run(code, *options, status=0, **variables):
    """Run code in a process of its own; return what it printed."""
    done = subprocess.run([sys.executable, *options, "-c", code], text=True, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, **variables})
    if done.returncode != status:
        raise AssertionError(f"status {done.returncode}:\n{done.stdout}")
    return done.stdout


class TraceTests(unittest.TestCase):
    def setUp(self):
        if _tracemalloc.is_tracing():
            self.skipTest("memory is traced already")
        self.addCleanup(_tracemalloc.stop)

    def test_every_kind(self):
        """Blocks of every way to allocate have the place where it was done, also small ones."""
        _tracemalloc.start(3)
        objects = [3.5 + len(sys.argv), [None] * 5, (len(sys.argv), None), {1: 2}, object(),
                   lambda: objects, 10**30 + len(sys.argv), bytearray(1000), type("C", (), {})()]
        for op in objects:
            trace = _tracemalloc._get_object_traceback(op)
            self.assertEqual(trace[0][0], __file__, type(op))
        self.assertIsNone(_tracemalloc._get_object_traceback(5))
        before = _tracemalloc.get_traced_memory()[0]
        del objects[:]
        self.assertLess(_tracemalloc.get_traced_memory()[0], before)

    def test_sizes(self):
        """Sizes follow realloc(), and the peak is kept."""
        _tracemalloc.start()
        base = _tracemalloc.get_traced_memory()[0]
        data = bytearray(100_000)
        data.extend(bytes(100_000))
        size, peak = _tracemalloc.get_traced_memory()
        self.assertGreater(size - base, 200_000)
        self.assertLess(size - base, 300_000)
        del data
        size, same_peak = _tracemalloc.get_traced_memory()
        self.assertLess(size - base, 50_000)
        self.assertGreaterEqual(same_peak, peak)
        _tracemalloc.reset_peak()
        self.assertLess(_tracemalloc.get_traced_memory()[1], peak)
        _tracemalloc.clear_traces()
        self.assertLess(_tracemalloc.get_traced_memory()[0], 10_000)

    def test_names(self):
        """Names of files of any width come back as they were."""
        _tracemalloc.start(2)
        for name in "ascii", "\xe4", "\u20ac", "\U0001f600":
            op = eval(compile("[None] * 7", name, "eval"))
            self.assertEqual(_tracemalloc._get_object_traceback(op)[0], (name, 1))

    def test_limit(self):
        """A traceback has so many frames at most, and says how many there were."""
        def deep(n):
            return deep(n - 1) if n else object()
        _tracemalloc.start(10)
        op = deep(50)
        self.assertEqual(len(_tracemalloc._get_object_traceback(op)), 10)
        frames = _tracemalloc._get_object_traceback(op)
        totals = [trace[3] for trace in _tracemalloc._get_traces() if trace[2] == frames]
        self.assertGreater(min(totals), 50)

    def test_interpreters(self):
        """All interpreters are traced, each sees all traces, and none are left of a dead one."""
        _tracemalloc.start(2)
        code = ("import _tracemalloc\n"
                "kept = eval(compile('[None] * 1000', 'elsewhere.py', 'eval'))\n"
                "found = _tracemalloc._get_object_traceback(kept)\n"
                "assert found[0] == ('elsewhere.py', 1), found\n"
                "assert _tracemalloc._get_traces()\n")
        support.run_in_interpreters(code, 3)
        gc.collect()
        left = [trace for trace in _tracemalloc._get_traces()
                if trace[2][0][0] == "elsewhere.py"]
        self.assertEqual(left, [])

    def test_on_and_off(self):
        """Tracing goes on and off, and traces are read and cleared, while others allocate."""
        stop = threading.Event()
        errors = []

        def allocate():
            kept = []
            while not stop.is_set():
                kept.append([bytearray(i) for i in range(50)])
                del kept[:-5]

        def read():
            try:
                while not stop.is_set():
                    for domain, size, frames, total in _tracemalloc._get_traces():
                        assert len(frames) <= total
                    _tracemalloc.clear_traces()
            except BaseException as error:
                errors.append(error)
        threads = [threading.Thread(target=target) for target in (allocate, read)]
        for thread in threads:
            thread.start()
        try:
            for i in range(40):
                _tracemalloc.start(1 + i % 3)
                support.run_in_interpreters("x = [[] for i in range(1000)]", 1, threads=1)
                _tracemalloc.stop()
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(errors, [])
        self.assertEqual(_tracemalloc._get_traces(), [])

    def test_without_gil(self):
        """A raw block that is allocated without the GIL has an unknown place."""
        try:
            import ctypes
        except ImportError:
            self.skipTest("needs ctypes")
        api = ctypes.CDLL(None)         # releases the GIL in calls
        api.PyMem_RawMalloc.restype = ctypes.c_void_p
        api.PyMem_RawFree.argtypes = [ctypes.c_void_p]
        _tracemalloc.start()
        block = api.PyMem_RawMalloc(ctypes.c_size_t(54321))
        found = [trace for trace in _tracemalloc._get_traces() if trace[1] == 54321]
        self.assertEqual(found, [(0, 54321, (("<unknown>", 0),), 1)])
        api.PyMem_RawFree(block)
        self.assertNotIn(found[0], _tracemalloc._get_traces())

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork()")
    def test_fork(self):
        """The child goes on tracing."""
        _tracemalloc.start()
        pid = os.fork()
        if pid == 0:
            op = [None] * 100
            fine = _tracemalloc._get_object_traceback(op)[0][0] == __file__
            _tracemalloc.stop()
            os._exit(0 if fine else 1)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)

    @support.needs_failing_allocations
    def test_memory(self):
        """While memory is traced any allocation may fail, those for traces as well."""
        def action():
            _tracemalloc.clear_traces()
            data = [bytearray(i) for i in range(20)]
            data[0].extend(bytes(5000))
            exec(compile("x = [i for i in range(40)]", "name", "exec"))
            _tracemalloc._get_object_traceback(data)
            _tracemalloc._get_traces()
        _tracemalloc.start(4)
        support.lost_blocks(action)
        lost, number = support.lost_blocks(action)
        self.assertGreater(number, 50)
        self.assertLess(lost, 5)

    @support.needs_failing_allocations
    def test_memory_at_start(self):
        """start() fails as a whole or not at all."""
        number = support.fail_each_allocation(lambda: _tracemalloc.start(4),
                                              prepare=_tracemalloc.stop)
        self.assertGreater(number, 3)
        self.assertTrue(_tracemalloc.is_tracing())


class ProcessTests(unittest.TestCase):
    def test_options(self):
        """-X tracemalloc and PYTHONTRACEMALLOC trace from the start to the end."""
        code = ("import _tracemalloc, atexit, sys\n"
                "print(_tracemalloc.is_tracing(), _tracemalloc.get_traceback_limit())\n"
                "class Late:\n"
                "    def __del__(self):\n"
                "        assert self.traced()\n"
                "    traced = staticmethod(_tracemalloc.is_tracing)\n"
                "late = Late()\n"
                "late.cycle = late\n")
        self.assertEqual(run(code, "-X", "tracemalloc"), "True 1\n")
        self.assertEqual(run(code, "-X", "tracemalloc=7"), "True 7\n")
        self.assertEqual(run(code, PYTHONTRACEMALLOC="5"), "True 5\n")
        self.assertIn("can't start tracemalloc",
                      run("", "-X", "tracemalloc=65536", status=1))

    def test_warning(self):
        """A ResourceWarning says where the object was allocated."""
        text = run("def f():\n    open('/dev/null')\nf()", "-X", "tracemalloc=2", "-Wd")
        self.assertIn('Object allocated at (most recent call last):\n  File "<string>", lineno 3\n'
                      '  File "<string>", lineno 2\n', text)

    def test_debug_hooks(self):
        """Tracing and the debug hooks of the allocators get along."""
        code = "import _tracemalloc as t; x = [None] * 9; print(t._get_object_traceback(x))"
        self.assertEqual(run(code, "-X", "tracemalloc", PYTHONMALLOC="debug"),
                         "(('<string>', 1),)\n")
        self.assertEqual(run(code, "-X", "tracemalloc", PYTHONMALLOC="malloc"),
                         "(('<string>', 1),)\n")

    def test_damaged_block(self):
        """The report of a damaged block says where it was allocated."""
        try:
            import ctypes
        except ImportError:
            self.skipTest("needs ctypes")
        code = ("import ctypes\n"
                "api = ctypes.pythonapi\n"
                "api.PyMem_RawMalloc.restype = ctypes.c_void_p\n"
                "api.PyMem_RawFree.argtypes = [ctypes.c_void_p]\n"
                "block = api.PyMem_RawMalloc(ctypes.c_size_t(16))\n"
                "ctypes.memset(block + 16, 0, 1)\n"
                "api.PyMem_RawFree(block)\n")
        text = run(code, "-X", "tracemalloc", status=-6, PYTHONMALLOC="debug")
        self.assertIn("\nMemory block allocated at (most recent call first):\n"
                      '  File "<string>", line 5\n\nFatal Python error', text)
        text = run(code, status=-6, PYTHONMALLOC="debug")
        self.assertIn("\nEnable tracemalloc to get the memory block allocation traceback\n\n"
                      "Fatal Python error", text)


if __name__ == "__main__":
    unittest.main()
