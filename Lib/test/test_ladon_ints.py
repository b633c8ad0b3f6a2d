"""Arithmetic and text of large ints: exact at the seams of the algorithms, and not quadratic.

The algorithms are described in InternalDocs/numbers.rst.
"""

import random
import sys
import time
import unittest

try:
    from test.ladon_support import lost_blocks, needs_failing_allocations
except ImportError:
    from ladon_support import lost_blocks, needs_failing_allocations

DIGIT = 30      # bits


def numbers(digits, rng):
    """Yield ints of so many digits: random, with all bits set, with long runs of equal bits."""
    bits = digits * DIGIT
    top = 1 << bits - 1
    yield rng.getrandbits(bits) | top
    yield (1 << bits) - 1
    yield top
    yield top | rng.getrandbits(bits // 2 + 1)
    yield ((1 << bits) - 1) ^ ((1 << bits // 2) - 1)


def seconds(function, *args):
    """Return the processor time of a call, the least of three."""
    least = float("inf")
    for _ in range(3):
        start = time.process_time()
        function(*args)
        least = min(least, time.process_time() - start)
    return least


def lost_when_warm(action):
    """Return the blocks lost by failing allocations, but for those that the first run keeps."""
    lost_blocks(action)
    return lost_blocks(action)[0]


class DivisionTests(unittest.TestCase):
    def check(self, a, b):
        q, r = divmod(a, b)
        self.assertTrue(0 <= r < b)
        self.assertEqual(q * b + r, a)
        self.assertEqual(divmod(-a, b), (-q, 0) if r == 0 else (-q - 1, b - r))

    def test_shapes(self):
        """Dividends and divisors of all proportions of lengths, around the recursion's cutoff."""
        rng = random.Random(1)
        for nb in (49, 50, 99, 100, 101, 127, 200, 203, 400, 410, 999):
            for na in (nb, nb + 1, nb + 20, nb + 49, nb + 50, nb + 51, nb + 77, nb * 3 // 2,
                       2 * nb - 1, 2 * nb, 2 * nb + 1, 2 * nb + 60, 3 * nb, 5 * nb + 7):
                for b in numbers(nb, rng):
                    for a in numbers(na, rng):
                        self.check(a, b)

    def test_exact(self):
        """Products and their neighbours, whose remainders are 0, 1 and the divisor less 1."""
        rng = random.Random(2)
        for nb in (100, 150, 256, 640):
            for nq in (1, 50, 60, nb - 1, nb, 2 * nb + 3):
                for b in numbers(nb, rng):
                    for q in numbers(nq, rng):
                        for d in (-1, 0, 1):
                            self.check(q * b + d, b)

    def test_few_digits_of_quotient(self):
        """A short quotient costs little, however long the divisor is."""
        rng = random.Random(3)
        b = rng.getrandbits(12000 * DIGIT) | 1 << 12000 * DIGIT - 1
        short = seconds(divmod, b << 1000 * DIGIT, b)
        full = seconds(divmod, b << 11999 * DIGIT, b)
        self.assertLess(short, full * 0.75)

    @needs_failing_allocations
    def test_failing_allocations(self):
        """The remainder is so small that it gets a block of its own in the end."""
        b = (1 << 300 * DIGIT) - 54321
        a = ((1 << 600 * DIGIT) - 12345) * b + 7
        self.assertLess(lost_when_warm(lambda: divmod(a, b)), 2)


class TextTests(unittest.TestCase):
    def setUp(self):
        self.addCleanup(sys.set_int_max_str_digits, sys.get_int_max_str_digits())
        sys.set_int_max_str_digits(0)

    def test_round_trip(self):
        """Against arithmetic: the digits of 10**n - k and of random numbers, cut in two."""
        rng = random.Random(4)
        for n in (1799, 1800, 1801, 1806, 1807, 3600, 5000, 7225, 20000, 36125):
            for k in (0, 1, 10 ** (n // 2), rng.randrange(10 ** n)):
                value = 10 ** n - k
                text = str(value)
                self.assertEqual(int(text), value)
                cut = len(text) // 3
                high, low = divmod(value, 10 ** (len(text) - cut))
                self.assertEqual(text[:cut], str(high))
                self.assertEqual(text[cut:], str(low).zfill(len(text) - cut))
                self.assertEqual(str(-value), "-" * (value > 0) + text)

    def test_not_quadratic(self):
        """Sixteen times the digits: 81 times the work by Karatsuba's way, 256 the quadratic one."""
        small, large = 10 ** 20000 // 7, 10 ** 320000 // 7
        for function, args in ((str, (small, large)), (int, (str(small), str(large)))):
            with self.subTest(function=function):
                ratio = seconds(function, args[1]) / seconds(function, args[0])
                self.assertLess(ratio, 160)

    @needs_failing_allocations
    def test_failing_allocations(self):
        value = 10 ** 8000 // 7
        text = str(value)
        for action in (lambda: str(value), lambda: int(text)):
            self.assertLess(lost_when_warm(action), 2)


if __name__ == "__main__":
    unittest.main()
