"""Trampolines for the profiler perf (-X perf), where test_perf_profiler leaves off."""

import os
import subprocess
import sys
import textwrap
import unittest

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

MAP = "/tmp/perf-{}.map"

try:
    sys.activate_stack_trampoline("perf")
except ValueError as error:
    raise unittest.SkipTest(str(error))
sys.deactivate_stack_trampoline()
os.remove(MAP.format(os.getpid()))


def run(code, *args):
    """Run a program; return (stdout, the rows of its map as (address, size, name))."""
    process = subprocess.Popen([sys.executable, *args, "-c", textwrap.dedent(code)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = process.communicate(timeout=60)
    if process.returncode or err:
        raise AssertionError(err)
    path = MAP.format(process.pid)
    with open(path, encoding="utf-8") as file:
        rows = [line.split(" ", 2) for line in file.read().splitlines()]
    os.remove(path)
    return out, rows


class PerfTest(unittest.TestCase):
    def test_rows(self):
        """Each code object that runs has a row of its own, in one line."""
        out, rows = run(r"""
            for i in range(5000):
                exec(f"def f{i}(): pass\nf{i}(), f{i}()")
            exec(compile("def odd(): pass\nodd()", "a\nb\udc80", "exec"))
            def deep(): deep()
            try:
                deep()
            except RecursionError:
                print("ended")
            """, "-X", "perf")
        self.assertEqual(out, "ended\n")
        names = [name for _, _, name in rows]
        for i in range(5000):
            self.assertEqual(names.count(f"py::f{i}:<string>"), 1)
        self.assertIn(r"py::odd:a b\udc80", names)
        self.assertEqual(len({address for address, _, _ in rows}), len(rows))

    def test_exceptions(self):
        """A generator that is thrown into before it has a trampoline gets the exception."""
        out, _ = run("""
            import sys
            def generator():
                try:
                    yield 1
                except ValueError as error:
                    yield error.args
            waiting = generator()
            next(waiting)
            sys.activate_stack_trampoline("perf")
            print(waiting.throw(ValueError(7)))
            """)
        self.assertEqual(out, "(7,)\n")

    def test_interpreters(self):
        """Each interpreter has its own switch, and no address stands for two functions."""
        out, rows = run("""
            import _xxsubinterpreters as interpreters
            code = '''
            import sys
            before = sys.is_stack_trampoline_active()
            sys.activate_stack_trampoline("perf")
            def inner(): return sys.is_stack_trampoline_active()
            print(before, inner())
            '''
            for i in range(3):
                interp = interpreters.create()
                interpreters.run_string(interp, code.replace("            ", ""))
                interpreters.destroy(interp)
            import sys
            print(sys.is_stack_trampoline_active())
            """)
        self.assertEqual(out, "False True\n" * 3 + "False\n")
        self.assertEqual([name for _, _, name in rows].count("py::inner:<string>"), 3)
        self.assertEqual(len({address for address, _, _ in rows}), len(rows))

    def test_fork(self):
        """A child's map begins with what its parent's held and goes on by itself."""
        out, rows = run("""
            import os
            def early(): pass
            early()
            child = os.fork()
            if child == 0:
                def late(): pass
                late()
                os._exit(0)
            os.waitpid(child, 0)
            path = f"/tmp/perf-{child}.map"
            with open(path) as file:
                text = file.read()
            os.remove(path)
            print("py::early:<string>" in text, "py::late:<string>" in text)
            """, "-X", "perf")
        self.assertEqual(out, "True True\n")
        self.assertNotIn("py::late:<string>", [name for _, _, name in rows])

    def test_variable(self):
        """PYTHONPERFSUPPORT is a number."""
        for value, active in ("0", False), ("1", True), ("-1", True), ("x", False), ("", False):
            done = subprocess.run(
                [sys.executable, "-c", "import os, sys; print(os.getpid(), "
                 "sys.is_stack_trampoline_active())"], stdout=subprocess.PIPE, text=True,
                env={"PYTHONPERFSUPPORT": value}, timeout=60)
            pid, found = done.stdout.split()
            self.assertEqual(found, str(active), value)
            self.assertEqual(os.path.exists(MAP.format(pid)), active)
            if active:
                os.remove(MAP.format(pid))

    @ladon_support.needs_failing_allocations
    def test_failing_allocations(self):
        """No call fails for want of a trampoline, and nothing is lost."""
        def action():
            sys.activate_stack_trampoline("perf")
            try:
                exec("def f(): return 5\nassert f() == 5")
            finally:
                sys.deactivate_stack_trampoline()

        lost, number = ladon_support.lost_blocks(action)
        self.assertLess(lost, 10)
        self.assertGreater(number, 10)


if __name__ == "__main__":
    unittest.main()
