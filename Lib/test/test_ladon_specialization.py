"""Specialised instructions are chosen where they fit, and agree with the generic ones."""

import dis
import itertools
import operator
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


if __name__ == "__main__":
    unittest.main()
