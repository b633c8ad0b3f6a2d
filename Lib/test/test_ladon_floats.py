"""Float arithmetic may use an operand's memory again: only one that nobody else can see."""

import unittest


class ReuseTests(unittest.TestCase):
    def test_operands_that_are_held(self):
        def work(a, b):
            first = a + b
            held = [a * 2.0, first, first + 1.0]
            second = first
            second += b                     # first is still held
            cell = a - b
            closure = lambda: cell
            nested = -(walrus := a * b) * walrus + walrus
            pair = (a + b, (a + b) * (a - b))
            return a, b, first, held, second, closure(), nested, walrus, pair

        for i in range(1000):               # warm: the specialised forms run
            a, b = float(i), i / 8
            self.assertEqual(work(a, b), (
                i, i / 8, i * 9 / 8, [i * 2, i * 9 / 8, i * 9 / 8 + 1], i * 10 / 8, i * 7 / 8,
                -(i * i / 8) ** 2 + i * i / 8, i * i / 8,
                (i * 9 / 8, i * 9 / 8 * (i * 7 / 8))))
            self.assertEqual((a, b), (i, i / 8))

    def test_constants(self):
        def work(x):
            return 0.5 + x, 0.5 * 2.0, 1.5 - x

        for _ in range(1000):
            self.assertEqual(work(1.0), (1.5, 1.0, 0.5))
        self.assertIn(0.5, work.__code__.co_consts)

    def test_generators(self):
        def growing(value, count):
            for _ in range(count):
                yield value
                value = value * 1.5 + 0.5

        for _ in range(100):
            self.assertEqual(list(growing(1.0, 5)), [1.0, 2.0, 3.5, 5.75, 9.125])


if __name__ == "__main__":
    unittest.main()
