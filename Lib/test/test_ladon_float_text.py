"""repr() of floats is the shortest that reads back; rounding and reading are exact."""

import math
import random
import struct
import unittest
from fractions import Fraction


def bits(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def from_bits(number):
    return struct.unpack("<d", struct.pack("<Q", number))[0]


def samples():
    """Positive floats: powers of two and ten with neighbours, subnormals, random ones."""
    for e in range(-1074, 1024):
        power = bits(math.ldexp(1.0, e))
        yield from (from_bits(power + d) for d in (-1, 0, 1) if power + d > 0)
    for e in range(-323, 309):
        yield float(f"1e{e}")
    yield from (from_bits(i) for i in range(1, 200))
    rng = random.Random(8)
    for _ in range(2000):
        yield from_bits(rng.randrange(1, 0x7ff0000000000000))
        yield rng.random()
        yield float(rng.randrange(10**17))


def decimal_parts(text):
    """Return (digits without zeros at the end, exponent of the last digit)."""
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits, scale = whole + fraction, int(exponent or 0) - len(fraction)
    stripped = digits.rstrip("0")
    return stripped.lstrip("0"), scale + len(digits) - len(stripped)


class ReprTests(unittest.TestCase):
    def test_reads_back(self):
        for x in samples():
            self.assertEqual(float(repr(x)), x)
            self.assertEqual(repr(-x), "-" + repr(x))

    def test_shortest_and_nearest(self):
        """No shorter decimal reads back, and none of the same length is nearer."""
        for x in samples():
            digits, exponent = decimal_parts(repr(x))
            exact, number = Fraction(x), int(digits)
            step = Fraction(10) ** exponent
            for other in (number - 1, number + 1):
                if float(f"{other}e{exponent}") == x and len(str(other)) <= len(digits):
                    self.assertGreaterEqual(abs(other * step - exact), abs(number * step - exact),
                                            x)
            if len(digits) > 1:
                for shorter in (number // 10, number // 10 + 1):
                    self.assertNotEqual(float(f"{shorter}e{exponent + 1}"), x)

    def test_known(self):
        for x, text in ((2**-44, "5.684341886080802e-14"), (5e-324, "5e-324"), (1e23, "1e+23"),
                        (2**53 + 2.0, "9007199254740994.0"), (1e16, "1e+16"), (0.1, "0.1"),
                        (9007199254740991.0, "9007199254740991.0"), (-0.0, "-0.0")):
            self.assertEqual(repr(x), text)


class RoundTests(unittest.TestCase):
    def test_round(self):
        """round(x, n) is the float nearest to the exact decimal rounding, half to even."""
        rng = random.Random(9)
        for _ in range(3000):
            x = rng.choice((rng.random() * 10.0 ** rng.randint(-5, 20), rng.randrange(10**6) * 5.0,
                            from_bits(rng.randrange(1, 0x7fe0000000000000))))
            n = rng.randint(-20, 20)
            unit = Fraction(10) ** -n
            self.assertEqual(round(x, n), float(round(Fraction(x) / unit) * unit), (x, n))

    def test_once(self):
        """Nothing is rounded twice."""
        self.assertEqual(round(14.999999999999998, -1), 10.0)
        self.assertEqual(round(15.0, -1), 20.0)
        self.assertEqual(round(25.0, -1), 20.0)
        self.assertEqual(round(5e307, -308), 0.0 if Fraction(5e307) * 2 <= 10**308 else 1e308)
        self.assertRaises(OverflowError, round, 1.7e308, -308)


class ReadTests(unittest.TestCase):
    def test_halfway(self):
        """Digits behind a tie decide, however far behind."""
        for x in samples():
            if x > 1e308:
                continue
            middle = (Fraction(x) + Fraction(from_bits(bits(x) + 1))) / 2
            k = middle.denominator.bit_length() - 1
            if k > 300:
                continue
            digits = str(middle.numerator * 5**k)
            even = x if bits(x) % 2 == 0 else from_bits(bits(x) + 1)
            self.assertEqual(float(f"{digits}e-{k}"), even)
            self.assertEqual(float(f"{digits}{'0' * 50}1e-{k + 51}"), from_bits(bits(x) + 1))

    def test_precision(self):
        """A precision beyond all digits gives zeros."""
        text = "%.2000f" % 5e-324
        self.assertEqual(Fraction(text), Fraction(5e-324))
        self.assertEqual(len("%.3000e" % 1.5), 3000 + len("1.e+00"))


if __name__ == "__main__":
    unittest.main()
