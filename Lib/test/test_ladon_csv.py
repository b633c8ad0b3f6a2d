"""_csv and _statistics against recorded figures, and what foreign code does to a reader.

The figures (crc32 of many answers) are those of CPython 3.12.1, which passes FigureTests.
"""

import _csv
import _statistics
import gc
import io
import random
import unittest
import zlib

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

CHARACTERS = "ab,;\"'\\ \t\n|\u00e91."


def options(rng):
    """Arguments of a dialect, most of them strange."""
    choices = {"delimiter": ",; \tb\u00e91\"", "quotechar": "\"'a|, ", "quoting": range(6),
               "escapechar": ["\\", "a", '"', None, " ", ","], "doublequote": (0, 1),
               "skipinitialspace": (0, 1), "strict": (0, 1),
               "lineterminator": ["\r\n", "", "ab", "\n", " ", '"']}
    return {name: rng.choice(values) for name, values in choices.items() if rng.randrange(3) == 0}


def collect(call, rows):
    """What a call gives for each of the rows, or its error."""
    found = []
    for row in rows:
        try:
            found.append(call(row))
        except Exception as error:
            found.append((type(error).__name__, str(error)))
    return found


def read(reader):
    """All rows with their line numbers, going on after errors."""
    return collect(lambda _: (next(reader), reader.line_num), range(6))


class FigureTests(unittest.TestCase):
    def test_reader(self):
        rng, value = random.Random(1), 0
        characters = CHARACTERS + "\r\0\U00012345\"\"\",,  11"
        limit = _csv.field_size_limit()
        self.addCleanup(_csv.field_size_limit, limit)
        for _ in range(8000):
            lines = ["".join(rng.choices(characters, k=rng.randrange(12)))
                     + rng.choice(("\n", "\r\n", "")) for _ in range(rng.randrange(4))]
            _csv.field_size_limit(rng.choice((3, limit)))
            found = read(_csv.reader(lines, **options(rng)))
            value = zlib.crc32(ascii(found).encode(), value)
        self.assertEqual(value, 4094742906)

    def test_writer(self):
        rng, value = random.Random(2), 0
        for _ in range(8000):
            rows = [[rng.choice([None, "", 5, 1.5, True, "x y", b"b", (1, 2), "".join(
                rng.choices(CHARACTERS + "\r", k=rng.randrange(6)))])
                for _ in range(rng.randrange(4))] for _ in range(3)]
            file = io.StringIO(newline="")
            found = collect(_csv.writer(file, **options(rng)).writerow, rows)
            value = zlib.crc32(ascii((found, file.getvalue())).encode(), value)
        self.assertEqual(value, 952130260)

    def test_inv_cdf(self):
        rng, value = random.Random(3), 0
        for _ in range(20000):
            p = rng.random() ** rng.choice((1, 3, 20, 60))
            args = (p if rng.random() < 0.5 else 1 - p, rng.uniform(-5, 5), rng.uniform(-5, 5))
            value = zlib.crc32(repr(collect(lambda args: _statistics._normal_dist_inv_cdf(*args),
                                            [args])).encode(), value)
        self.assertEqual(value, 2942000954)


class ForeignTests(unittest.TestCase):
    def test_reader_in_reader(self):
        """The iterator of lines uses the reader."""
        def lines():
            yield '"a'
            yield next(reader, ["end"])[0]
            yield "b"

        reader = _csv.reader(lines())
        self.assertRaises(ValueError, next, reader)     # generator already executing

        class Lines:
            depth = 0

            def __iter__(self):
                return self

            def __next__(self):
                self.depth += 1
                if self.depth == 1:
                    next(nested)
                if self.depth > 5:
                    raise StopIteration
                return "x,y"

        nested = _csv.reader(Lines())
        self.assertEqual(list(nested), [])

    def test_collected(self):
        class Own:
            pass

        own = Own()
        own.reader = _csv.reader(iter([own]))
        own.write = [own].append
        own.writer = _csv.writer(own)
        del own
        gc.collect()
        self.assertFalse([o for o in gc.get_objects() if type(o) is Own])

    @ladon_support.needs_failing_allocations
    def test_no_memory(self):
        def action():
            file = io.StringIO()
            _csv.writer(file, delimiter=";").writerows([["a" * 100, 5, None], [1.5]])
            self.assertEqual(len(list(_csv.reader(io.StringIO(file.getvalue())))), 2)



        lost, number = ladon_support.lost_blocks(action)
        self.assertLess(lost, 60)
        self.assertGreater(number, 10)


if __name__ == "__main__":
    unittest.main()
