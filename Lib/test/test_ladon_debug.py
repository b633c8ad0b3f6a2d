"""Builds for finding errors: reference totals (debug), allocations that fail on demand.

Written from InternalDocs/heap.rst ("Debugging") and the library reference (sys).
"""

import gc
import subprocess
import sys
import tempfile
import unittest

try:
    import _ladontest
except ImportError:
    _ladontest = None

PROGRAM = '''
import sys
class A(object):
    x: int = 3
    def __init__(self, *a, **k):
        super().__init__()
        self.a = a
    @property
    def p(self): return [i for i in self.a if i]
def g(n):
    try:
        for i in range(n):
            yield i, f"{i!r:>5}"
    finally:
        pass
async def co(x):
    async with x as y: await y
def m(x):
    match x:
        case {"a": [1, *r], **k}: return r
        case A(a=1) | None: return 1
    with open(x) as f, f: return lambda q, *, z=1: q + z
def t[T](x: T) -> T: return x
type X[T] = list[T]
d = {str(i): (i, float(i), {i}, [i] * 3, b"%d" % i, i ** 20) for i in range(20)}
list(g(5)); A(1, 2, b=3).p; sorted(d, key=lambda s: -int(s)); m({"a": [1, 2], "b": 3})
"%s %r" % (d, d); "{:>10}".format(3.5); d | d; {**d}
try:
    raise ValueError("x") from KeyError(1)
except ValueError as e:
    kept = e
'''


class BuildTests(unittest.TestCase):
    def test_debug_build(self):
        """A debug build has all the aids, and only sanitizer builds have some of them as well."""
        debug = "d" in sys.abiflags
        self.assertEqual(hasattr(sys, "gettotalrefcount"), debug)
        if debug:
            self.assertIsNotNone(_ladontest)


@unittest.skipUnless(hasattr(sys, "gettotalrefcount"), "needs a debug build")
class TotalTests(unittest.TestCase):
    def test_leak_shows(self):
        """References kept are in the total; a loop that keeps none leaves it where it was."""
        keep = []
        item = object()
        totals = []
        for _ in range(4):
            for _ in range(100):
                [item, str(item)]
            totals.append(sys.gettotalrefcount())
        self.assertLess(totals[3] - totals[1], 10)
        before = sys.gettotalrefcount()
        keep += [item] * 1000
        self.assertAlmostEqual(sys.gettotalrefcount() - before, 1000, delta=10)
        del keep[:]
        self.assertAlmostEqual(sys.gettotalrefcount() - before, 0, delta=10)

    def test_interpreter_leaves_nothing(self):
        import _xxsubinterpreters as interpreters

        def live():
            interp = interpreters.create()
            interpreters.run_string(interp, "import json, enum; x = [json] * 100")
            interpreters.destroy(interp)
            gc.collect()
            return sys.gettotalrefcount()

        live()
        before = live()
        after = [live() for _ in range(3)]
        self.assertLess(after[2] - before, 20, (before, after))

    def test_hunt(self):
        """regrtest -R finds no leak in modules that pass.

        The warm-up is longer than for CPython: code gets its running form when it is warm.
        """
        names = ["test_augassign", "test_contains", "test_copy", "test_dictcomps",
                 "test_exception_variations", "test_generators", "test_scope", "test_yield_from"]
        with tempfile.TemporaryDirectory() as tmp:
            done = subprocess.run([sys.executable, "-m", "test", "-R", "20:3", "--tempdir", tmp]
                                  + names, cwd=tmp, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
        if "No module named test" in done.stdout:
            self.skipTest("no test package")
        self.assertEqual(done.returncode, 0, done.stdout[-3000:])


@unittest.skipIf(_ladontest is None, "needs a build that can fail allocations")
class NoMemoryTests(unittest.TestCase):
    """Each action runs again and again; the n-th allocation fails, for growing n.

    Whatever happens must be an exception, MemoryError or one made from it, and the next
    run of the action must work and leave no block behind.
    """

    LIMIT = 60          # failures an action
    SMALL = 20          # the first ones are tried one by one, later ones in growing steps

    @classmethod
    def setUpClass(cls):
        """Import what the first ResourceWarning (of a file that was being read) imports."""
        import linecache
        import tracemalloc

    def check(self, action, others=()):
        def settle():
            action()
            gc.collect()
            return sys.getallocatedblocks()

        settle()
        before = settle()
        nth = tried = 0
        while tried < self.LIMIT:
            nth += 1 if tried < self.SMALL else 1 + nth // 16
            tried += 1
            _ladontest.fail_allocation(nth)
            try:
                action()
            except (MemoryError, *others):
                _ladontest.fail_allocation(0)
            else:
                if not _ladontest.fail_allocation(0):
                    break
            finally:
                _ladontest.fail_allocation(0)
        settle()
        # What was cached for the first error stays.
        self.assertLess(settle() - before, 100)
        return tried

    def test_knob(self):
        self.assertIsNone(_ladontest.fail_allocation(0))
        _ladontest.fail_allocation(1000000)
        self.assertIs(_ladontest.fail_allocation(0), False)
        with self.assertRaises(MemoryError):
            _ladontest.fail_allocation(1)
            [[]]
        self.assertIs(_ladontest.fail_allocation(0), True)
        self.assertRaises(ValueError, _ladontest.fail_allocation, -1)

    def test_compile(self):
        self.assertGreater(self.check(lambda: compile(PROGRAM, "p", "exec")), 50)

    def test_exec(self):
        code = compile(PROGRAM, "p", "exec")
        self.assertGreater(self.check(lambda: exec(code, {"__name__": "p"})), 50)

    def test_ast(self):
        import ast
        self.check(lambda: ast.unparse(ast.parse(PROGRAM)))

    def test_import(self):
        def again():
            for name in ("bisect", "colorsys", "struct"):
                sys.modules.pop(name, None)
            import bisect, colorsys, struct
        self.check(again, (RuntimeError, ImportError))      # "can't allocate lock"

    def test_interpreter(self):
        import _xxsubinterpreters as interpreters

        def live():
            interp = interpreters.create()
            try:
                interpreters.run_string(interp, "a = [1] * 5; import types")
            finally:
                interpreters.destroy(interp)
        self.check(live, (RuntimeError,))

    def test_late_parts(self):
        """What an interpreter puts off can be made after a failure."""
        import _xxsubinterpreters as interpreters

        def live():
            interp = interpreters.create()
            code = "import sys; sys.stdout.flush(); exit.name; sys.path_hooks"
            try:
                interpreters.run_string(interp, code)
            except (RuntimeError, MemoryError):
                _ladontest.fail_allocation(0)
                interpreters.run_string(interp, code)
                raise
            finally:
                interpreters.destroy(interp)
        self.check(live, (RuntimeError,))

    def test_channel(self):
        import _xxinterpchannels as channels

        def talk():
            cid = channels.create()
            try:
                channels.send(cid, b"x" * 1000)
                channels.recv(cid)
                channels.send(cid, "text")
                channels.recv(cid)
            finally:
                channels.destroy(cid)
        self.check(talk)

    def test_types(self):
        import weakref

        def make():
            class Meta(type):
                def __new__(mcls, *args, **kwargs):
                    return super().__new__(mcls, *args, **kwargs)

            class Base(metaclass=Meta):
                __slots__ = ("a", "b", "__weakref__")

            class Derived(Base):
                pass
            obj = Derived()
            obj.a, obj.x = 1, 2
            weakref.ref(obj)
            Base.q = 3
            isinstance(obj, Meta)
        self.check(make)

    def test_text(self):
        import io
        import json
        import re

        def use():
            s = "a\u20ac\U0001F600" * 10
            s.encode().decode(), s.upper(), s.split("a"), s.replace("a", "bb"), str(10 ** 50)
            json.loads(json.dumps({"a": [1, 2.5, None], "b": {"c": s}}, indent=1))
            re.purge()
            re.compile(r"(?P<a>\w+)(?:-(?=x)|[^abc]{2,5}?)(?i:foo|bar)*$").sub("y", "abc-xfoo")
            file = io.TextIOWrapper(io.BytesIO(b"abc\n" * 10), encoding="utf-8")
            file.readlines()
        self.check(use)

    def test_iterators(self):
        from collections import OrderedDict, deque
        from itertools import accumulate, chain, combinations, groupby, product, tee

        def use():
            list(chain([1], product("ab", repeat=2), combinations("abcd", 2), accumulate([1, 2])))
            [list(group) for _key, group in groupby("aabb")]
            first, second = tee([1, 2, 3])
            list(first), list(second)
            OrderedDict(a=1, b=2).move_to_end("a")
            deque(range(100)).rotate(3)
        self.check(use)


if __name__ == "__main__":
    unittest.main()
