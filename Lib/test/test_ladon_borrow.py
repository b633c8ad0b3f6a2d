"""Loads that do not count (Python/borrow.c): the value outlives what happens to the local."""

import gc
import sys
import types
import unittest
import weakref

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

try:
    from _ladontest import write_locals
except ImportError:
    write_locals = None


class Value:
    """Ends visibly."""

    def __init__(self, number):
        self.number = number

    def __add__(self, other):
        gc.collect()
        return self.number + other.number

    def __getitem__(self, index):
        gc.collect()
        return self.number + index

    def __eq__(self, other):
        gc.collect()
        return self.number == other.number

    def __bool__(self):
        gc.collect()
        return self.number != 0

    def __del__(self):
        self.number = None


def warm(function, *makers, times=40):
    """The function's last result, after enough calls to specialise it."""
    for _ in range(times):
        result = function(*[make() for make in makers])
    return result


def one():
    return Value(1)


class LocalTests(unittest.TestCase):
    def test_stored_while_on_the_stack(self):
        def walrus(a, b):
            return a + (a := b), a.number

        def chained(a, b):
            return (a + (a := b)) + (a := b).number

        def subscript(a):
            return a[(a := 5)], a

        def compared(a, b):
            return a == (a := b), a.number

        self.assertEqual(warm(walrus, one, lambda: Value(20)), (21, 20))
        self.assertEqual(warm(chained, one, lambda: Value(20)), 41)
        self.assertEqual(warm(subscript, one), (6, 5))
        self.assertEqual(warm(compared, one, lambda: Value(1)), (True, 1))

    def test_deleted(self):
        def delete(a):
            def closure():
                pass
            first = a.number
            b = a
            del a
            try:
                return b[first] + a.number
            except UnboundLocalError:
                return b[first]

        self.assertEqual(warm(delete, one), 2)

    def test_branches(self):
        def choose(a, b, c):
            return a + (b if c else (b := Value(7))) + (a and b or c).number

        def loop(a):
            total = 0
            for i in range(5):
                total = total + a.number + (0 if i % 2 else a[i])
                a = Value(a.number + 1)
            return total

        self.assertEqual(warm(choose, one, one, lambda: 1), 3)
        self.assertEqual(warm(choose, one, one, lambda: 0), 15)
        self.assertEqual(warm(loop, one), 15 + 15)

    @ladon_support.needs_failing_allocations
    def test_no_memory(self):
        """Without memory for the analysis all references are counted."""
        def sample(a, b):
            return a + (a := b) + a

        def prepare():
            nonlocal fresh
            fresh = types.FunctionType(sample.__code__.replace(co_name="fresh"), {})

        fresh = None
        sums = []
        ladon_support.fail_each_allocation(lambda: sums.append(fresh(1, 20)), prepare=prepare)
        self.assertEqual(set(sums), {41})
        self.assertGreater(len(sums), 1)        # the last one, and one that did without

    def test_comprehension(self):
        def inlined(x):
            return [x + x for x in [x]][0] + x.number + [x.number for x in (x, x)][1]

        self.assertEqual(warm(inlined, one), 4)

    def test_exceptions(self):
        class Bad:
            def __add__(self, other):
                raise ValueError

        def fails(a, b):
            try:
                return a.number + (a + b)
            except ValueError as e:
                a = b = None
                return e

        ref = None

        def bad():
            nonlocal ref
            value = Bad()
            value.number = 1
            ref = weakref.ref(value)
            return value

        error = warm(fails, bad, one)
        self.assertIsInstance(error, ValueError)
        del error
        gc.collect()
        self.assertIsNone(ref())

    def test_str_appended_to_itself(self):
        def double(s):
            for _ in range(12):
                s = s + s
            t = "a" + str(len(s))
            t += t
            return s, t

        self.assertEqual(warm(double, lambda: "xy"[:1]), ("x" * 4096, "a4096a4096"))

    def test_constants(self):
        namespace = {}
        exec("def f(a):\n    return a + 12345.5, a == 98765, ('kk', a)[0], a * 1.5\n", namespace)
        self.assertEqual(warm(namespace["f"], lambda: 2.0), (12347.5, False, "kk", 3.0))


class SuspendedTests(unittest.TestCase):
    def test_generators(self):
        def generator(a):
            got = a.number + (yield a.number) + a[(yield)]
            a = None
            yield got

        def drive(a):
            g = generator(a)
            next(g)
            g.send(10)
            return g.send(100)

        self.assertEqual(warm(drive, one), 1 + 10 + 101)

    def test_closed_in_an_expression(self):
        refs = []

        def generator(a):
            refs.append(weakref.ref(a))
            a.number + a[(yield)]

        def drive(a):
            g = generator(a)
            next(g)
            del a
            g.close()
            g = generator(Value(3))
            next(g)
            g.gi_frame.f_locals
            del g

        warm(drive, one)
        gc.collect()
        self.assertEqual({r() for r in refs}, {None})


class TracedTests(unittest.TestCase):
    """Tracers write to the locals of frames in the middle of an expression."""

    def run_traced(self, function, tracer, *args):
        before = sys.gettrace()
        sys.settrace(tracer)
        try:
            return function(*args)
        finally:
            sys.settrace(before)

    def test_local_replaced(self):
        def expression(a, b):
            return (a.number +
                    (a
                     +
                     b))

        warm(expression, one, one)

        def tracer(frame, event, arg):
            if frame.f_code is expression.__code__ and event == "line":
                frame.f_locals["a"] = Value(100)
                gc.collect()
            return tracer

        plain = Value(1)
        self.assertIn(self.run_traced(expression, tracer, Value(5), plain), {201, 106})
        self.assertEqual(plain.number, 1)
        self.assertEqual(expression(one(), one()), 3)

    def test_jump(self):
        def lines(a):
            total = (a.number
                     + a[1])
            a = Value(7)
            total = total + a.number
            return total

        warm(lines, one)
        start = lines.__code__.co_firstlineno
        jumped = []

        def tracer(frame, event, arg):
            if frame.f_code is lines.__code__ and event == "line" \
                    and frame.f_lineno == start + 4 and not jumped:
                jumped.append(1)
                frame.f_lineno = start + 3
            return tracer

        self.assertEqual(self.run_traced(lines, tracer, one()), 10)
        self.assertEqual(jumped, [1])

    @unittest.skipIf(write_locals is None, "needs _ladontest")
    def test_write_from_c(self):
        # What a debugger does with a frame that waits for C code.
        class Meddles(Value):
            def __add__(self, other):
                frame = sys._getframe(1)
                values = frame.f_locals
                values["a"] = values["b"] = Value(50)
                write_locals(frame)
                gc.collect()
                return self.number + other.number

        def expression(a, b):
            return a.number + (a + b), a.number

        self.assertEqual(warm(expression, lambda: Meddles(1), one), (3, 50))


if __name__ == "__main__":
    unittest.main()
