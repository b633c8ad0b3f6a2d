"""Specialised instructions are chosen where they fit, and agree with the generic ones."""

import dis
import itertools
import operator
import sys
import traceback
import unittest


def forms(function):
    """Names of the instructions that the function runs now."""
    return {i.opname for i in dis.get_instructions(function, adaptive=True)}


def made(source):
    """A fresh function of two arguments."""
    return eval(f"lambda a, b: {source}")


class ChoiceTests(unittest.TestCase):
    def test_globals(self):
        namespace = {"value": 1}
        exec("def load():\n    return value, len\n", namespace)
        load = namespace["load"]
        for _ in range(100):
            load()
        self.assertLessEqual({"LOAD_GLOBAL_MODULE", "LOAD_GLOBAL_BUILTIN"}, forms(load))
        self.assertEqual(load(), (1, len))
        namespace["len"] = 2                # hides the builtin
        namespace["value"] = 3
        self.assertEqual(load(), (3, 2))
        del namespace["value"]
        self.assertRaises(NameError, load)


NUMBERS = [0, 1, -1, 2, 7, -7, 30, 31, 32, 63, 64, 65, 255, 256, 257, -5, -6, 2**29, 2**30 - 1,
           2**30, 1 - 2**30, -2**30, 2**31, 2**59, 2**60, 10**20]
OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "&": operator.and_,
             "|": operator.or_, "^": operator.xor, "<<": operator.lshift, ">>": operator.rshift,
             "//": operator.floordiv, "%": operator.mod, "/": operator.truediv}


def outcome(function, a, b):
    try:
        return function(a, b)
    except (ArithmeticError, ValueError) as error:
        return repr(error)


class IntTests(unittest.TestCase):
    def test_agree(self):
        for text, generic in OPERATORS.items():
            special = made(f"a {text} b")
            for _ in range(50):
                special(1000, 3)
            for a, b in itertools.product(NUMBERS, repeat=2):
                if text == "<<" and b > 1000:
                    continue
                with self.subTest(operator=text, a=a, b=b):
                    result = outcome(special, a, b)
                    self.assertEqual(result, outcome(generic, a, b))
                    if type(result) is int and -5 <= result <= 256:
                        self.assertIs(result, int(str(result)))     # the shared one

    def test_results_on_their_way_are_reused(self):
        # An object that somebody else knows is not written to.
        def work(a, b):
            first = a + b
            held = [a * 2000, first, first + 1000]
            second = first
            second += b
            cell = a - b
            closure = lambda: cell
            nested = ((walrus := a * b) * 3 ^ walrus) & 0xFFFFFF
            return a, b, first, held, second, closure(), nested, walrus, (a + b) - (a + b)

        for a, b in itertools.product([1000, 5, -3000, 2**29, 2**31], [70000, -1, 300]):
            for _ in range(30):
                result = work(a, b)
            add, mul = operator.add, operator.mul
            first, product = add(a, b), mul(a, b)
            self.assertEqual(result, (
                a, b, first, [mul(a, 2000), first, add(first, 1000)], add(first, b),
                operator.sub(a, b),
                operator.and_(operator.xor(mul(product, 3), product), 0xFFFFFF), product, 0))


class FloatTests(unittest.TestCase):
    def test_division(self):
        divide = made("a / b")
        for _ in range(50):
            divide(1.0, 3.0)
        self.assertEqual(divide(1.0, 4.0), 0.25)
        self.assertRaises(ZeroDivisionError, divide, 1.0, 0.0)
        self.assertRaises(ZeroDivisionError, divide, 1.0, -0.0)
        self.assertEqual(divide(1, 4), 0.25)
        self.assertEqual(str(divide(-0.0, 5.0)), "-0.0")


class ClassCallTests(unittest.TestCase):
    """Calls of classes with a Python __init__, which runs without a C call in between."""

    def warm(self, cls):
        make = lambda value: cls(value)
        for _ in range(50):
            try:
                make(0)
            except (TypeError, ValueError):
                pass
        return make

    def test_result(self):
        class Pair:
            def __init__(self, value):
                self.value = value
                self.rest = [] if value <= 0 else Pair(value - 1)

        pair = self.warm(Pair)(30)
        self.assertEqual(pair.value, 30)
        self.assertIs(type(pair.rest), Pair)
        self.assertEqual(pair.rest.value, 29)

    def test_init_must_return_none(self):
        class Bad:
            def __init__(self, value):
                return value

        make = self.warm(Bad)
        try:
            make(5)
        except TypeError as error:
            self.assertEqual(str(error), "__init__() should return None, not 'int'")
            names = [entry.name for entry in traceback.extract_tb(error.__traceback__)]
        self.assertEqual(names, ["test_init_must_return_none", "<lambda>"])
        self.assertIs(type(make(None)), Bad)

    def test_init_raises(self):
        deleted = []

        class Fails:
            def __init__(self, value):
                if value:
                    raise ValueError(value)

            def __del__(self):
                deleted.append(1)

        make = self.warm(Fails)
        deleted.clear()
        self.assertRaises(ValueError, make, 3)
        self.assertEqual(deleted, [1])

    def test_changes(self):
        class Changing:
            def __init__(self, value):
                self.value = value

        def generator(self, value):
            yield

        make = self.warm(Changing)
        Changing.__init__.__code__ = (
            lambda self, *values: setattr(self, "value", values)).__code__
        self.assertEqual(make(1).value, (1,))
        Changing.__init__.__code__ = generator.__code__
        self.assertRaisesRegex(TypeError, "not 'generator'", make, 1)
        Changing.__init__ = lambda self, value: setattr(self, "value", -value)
        self.assertEqual(make(1).value, -1)
        self.warm(Changing)
        Changing.__new__ = lambda cls, value: value
        self.assertEqual(make(1), 1)

    def test_traced(self):
        class Traced:
            def __init__(self, value):
                self.value = value

        make = self.warm(Traced)
        events = []

        def tracer(frame, event, arg):
            events.append((frame.f_code.co_name, event))
            return tracer

        before = sys.gettrace()
        sys.settrace(tracer)
        try:
            made = make(4)
        finally:
            sys.settrace(before)
        self.assertEqual(made.value, 4)
        self.assertEqual(events[:6], [
            ("<lambda>", "call"), ("<lambda>", "line"), ("__init__", "call"), ("__init__", "line"),
            ("__init__", "return"), ("<lambda>", "return")])


if __name__ == "__main__":
    unittest.main()
