"""C modules of the standard library: arrays, codecs and hashes against recorded figures, and all
of them in interpreters that run at the same time.

The figures (crc32 of many answers) are those of CPython 3.12.1, which passes the first class.
"""

import array
import binascii
import hashlib
import random
import struct
import unittest
import warnings
import zlib

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

MODULES = ["_bisect", "_blake2", "_csv", "_datetime", "_heapq", "_json", "_md5",
           "_multiprocessing", "_pickle", "_posixshmem", "_queue", "_sha1", "_sha2", "_sha3",
           "_socket", "_statistics", "_zoneinfo", "array", "audioop", "binascii", "cmath", "spwd",
           "termios", "unicodedata", "zlib"]


def answer(function, *args, **kwargs):
    """The result of a call, or what the exception says."""
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return type(error).__name__, error.args


class Figures:
    """A checksum of answers."""

    def __init__(self):
        self.value = 0

    def add(self, value):
        self.value = zlib.crc32(repr(value).encode(), self.value)


class FigureTests(unittest.TestCase):
    def test_binascii_decoders(self):
        """Valid, damaged and random text through all decoders."""
        rng, figures = random.Random(1), Figures()
        for _ in range(15000):
            text = bytes(rng.choices(b"YWJjQQ==!\n", k=rng.randrange(12)))
            figures.add(answer(binascii.a2b_base64, text, strict_mode=rng.random() < 0.6))
            text = bytes(rng.choices(b" !\"#$%86)C`\n\ra", k=rng.randrange(12)))
            figures.add(answer(binascii.a2b_uu, text))
            text = bytes(rng.choices(b"=_\n\r 34FfXx=", k=rng.randrange(12)))
            figures.add(answer(binascii.a2b_qp, text, header=rng.random() < 0.5))
            figures.add(answer(binascii.unhexlify, text))
        self.assertEqual(figures.value, FIGURES["decoders"])

    def test_hexlify_separators(self):
        self.assertEqual(binascii.hexlify(b"abc", "\xe9"), b"61\xe962\xe963")
        self.assertEqual(binascii.hexlify(b"abc", b"\xe9"), b"61\xe962\xe963")
        for call in (lambda: binascii.hexlify(b"abc", "\u20ac"), lambda: b"abc".hex("\xe9")):
            self.assertRaisesRegex(ValueError, "sep must be ASCII", call)

    def test_binascii_encoders(self):
        rng, figures = random.Random(2), Figures()
        for _ in range(8000):
            text = bytes(rng.choices(b"aaaaaaaaaaaaaa=_\r \t.\xff\0\n", k=rng.randrange(250)))
            figures.add(binascii.b2a_qp(text, header=rng.random() < 0.5,
                                        istext=rng.random() < 0.7, quotetabs=rng.random() < 0.5))
            data = rng.randbytes(rng.randrange(46))
            figures.add((binascii.b2a_uu(data, backtick=rng.random() < 0.5),
                         binascii.b2a_base64(data, newline=rng.random() < 0.5),
                         binascii.hexlify(data, ":", rng.randrange(-5, 6)),
                         binascii.crc_hqx(data, rng.randrange(99999)),
                         binascii.crc32(data, rng.randrange(2**33))))
        self.assertEqual(figures.value, FIGURES["encoders"])

    def test_hashes(self):
        """Lengths around the block sizes, in two parts; copies do not disturb each other."""
        rng, figures = random.Random(3), Figures()
        lengths = [b * k + d for b in (64, 72, 104, 128, 136, 144, 168) for k in (0, 1, 2)
                   for d in (-17, -9, -8, -1, 0, 1) if b * k + d >= 0]
        for n in lengths + [5000]:
            data = rng.randbytes(n)
            cut = rng.randrange(n + 1)
            for name in sorted(hashlib.algorithms_guaranteed):
                state = hashlib.new(name, data[:cut])
                copy = state.copy()
                state.update(data[cut:])
                copy.update(b"z")
                size = (rng.randrange(300),) if name.startswith("shake") else ()
                figures.add((state.digest(*size), copy.hexdigest(*size), state.digest(*size)))
        self.assertEqual(figures.value, FIGURES["hashes"])

    def test_blake2_parameters(self):
        rng, figures = random.Random(4), Figures()
        for _ in range(500):
            data = rng.randbytes(rng.randrange(300))
            options = dict(
                digest_size=rng.randrange(1, 33), key=rng.randbytes(rng.randrange(33)),
                salt=rng.randbytes(rng.randrange(9)), person=rng.randbytes(rng.randrange(9)),
                fanout=rng.randrange(256), depth=rng.randrange(1, 256),
                leaf_size=rng.randrange(2**32), node_offset=rng.randrange(2**48),
                node_depth=rng.randrange(256), inner_size=rng.randrange(33),
                last_node=rng.random() < 0.5)
            for function in (hashlib.blake2b, hashlib.blake2s):
                figures.add(function(data, **options).digest())
        self.assertEqual(figures.value, FIGURES["blake2"])

    def test_sound(self):
        """All 16-bit samples through the codes, and fragments of all widths through the rest."""
        rng, figures = random.Random(5), Figures()
        every = struct.pack("=65536h", *range(-32768, 32768))
        for width in 2, 3, 4:
            wide = audioop.lin2lin(every, 2, width)
            for encode, decode in ((audioop.lin2ulaw, audioop.ulaw2lin),
                                   (audioop.lin2alaw, audioop.alaw2lin)):
                figures.add(encode(wide, width))
                figures.add(decode(bytes(range(256)), width))
        factors = 1, 0, 0.5, -3.3, 1e10, float("inf"), float("nan")
        for _ in range(1500):
            width, channels = rng.randrange(1, 5), rng.randrange(1, 3)
            some = [rng.randbytes(width), b"\0" * width, b"\xff" * width,
                    b"\xff" * (width - 1) + b"\x7f", b"\0" * (width - 1) + b"\x80"]
            data = b"".join(rng.choices(some, k=2 * rng.randrange(20)))
            for function in (audioop.max, audioop.minmax, audioop.avg, audioop.maxpp,
                             audioop.avgpp, audioop.rms, audioop.cross, audioop.reverse,
                             audioop.byteswap):
                figures.add(answer(function, data, width))
            left, right = rng.choice(factors), rng.choice(factors)
            figures.add(audioop.mul(data, width, left))
            figures.add(audioop.tomono(data, width, left, right))
            figures.add(audioop.tostereo(data, width, left, right))
            figures.add(audioop.add(data, data[::-1], width))
            figures.add(audioop.bias(data, width, rng.randrange(-2**31, 2**31)))
            code = rng.randrange(-32768, 32768), rng.randrange(89)
            figures.add(audioop.lin2adpcm(data, width, code))
            figures.add(audioop.adpcm2lin(data, width, code))
            part = data[:len(data) // 4 * 2]
            figures.add(answer(audioop.findfit, data, part))
            figures.add(answer(audioop.findmax, data, len(part) // 2))
            figures.add(answer(audioop.findfactor, data, data[::-1]))
            state, rates = None, rng.choice([(8, 11), (44100, 8000), (1000, 999), (3, 2)])
            for _ in range(2):
                converted, state = audioop.ratecv(data, width, channels, *rates, state,
                                                  rng.randrange(1, 4), rng.randrange(3))
                figures.add((converted, state))
        self.assertEqual(figures.value, FIGURES["sound"])

    def test_sound_states(self):
        """States that no call gave (3.12 writes behind its buffer for some) give no crash."""
        data = bytes(range(24))
        for phase in -2**31, -100, 100, 10**6:
            pairs = ((-2**31, 2**31 - 1),)
            result, (after, _) = audioop.ratecv(data, 3, 1, 12, 8, (phase, pairs))
            self.assertLess(after, 0)
            self.assertEqual(len(result) % 3, 0)
        for state in (1, (1,)), (1, ((1,),)), (1, ((1, 2), (1, 2))), (1, 2), 1:
            self.assertRaises((TypeError, audioop.error), audioop.ratecv, data, 1, 1, 1, 1, state)

    def test_array_slices(self):
        """Arrays do what lists do, for every kind of slice."""
        rng = random.Random(5)
        for _ in range(20000):
            items = [rng.randrange(100) for _ in range(rng.randrange(12))]
            code = rng.choice("bBhHiIlLqQfd")
            ours = array.array(code, items)
            bounds = [rng.choice([None, rng.randrange(-15, 15)]) for _ in range(2)]
            part = slice(*bounds, rng.choice([None, 1, 1, 2, -1, -3]))
            self.assertEqual(ours[part].tolist(), items[part])
            new = [rng.randrange(100) for _ in range(rng.choice([len(items[part]), 0, 3]))]
            if rng.random() < 0.3 or (part.step not in (None, 1) and not new):
                # An empty array assigned to an extended slice deletes it.
                del ours[part]
                del items[part]
            elif part.step in (None, 1) or len(new) == len(items[part]):
                ours[part] = array.array(code, new)
                items[part] = new
            else:
                with self.assertRaises(ValueError):
                    ours[part] = array.array(code, new)
            self.assertEqual(ours.tolist(), items)


class Shrinker:
    """Its conversion to a number changes the array."""

    def __init__(self, victim):
        self.victim = victim

    def __index__(self):
        del self.victim[:]
        return 1


class ReentryTests(unittest.TestCase):
    def test_array_changed_by_conversion(self):
        numbers = array.array("i", range(10))
        with self.assertRaises(IndexError):
            numbers[5] = Shrinker(numbers)
        self.assertEqual(numbers.tolist(), [])
        numbers = array.array("i", range(10))
        numbers.insert(7, Shrinker(numbers))
        self.assertEqual(numbers.tolist(), [1])

    def test_heap_changed_by_comparison(self):
        import heapq

        class Item:
            def __lt__(self, other):
                heap.clear()
                return True

        heap = [Item() for _ in range(20)]
        with self.assertRaisesRegex(RuntimeError, "list changed size during iteration"):
            heapq.heapify(heap)


class InterpreterTests(unittest.TestCase):
    def test_at_the_same_time(self):
        """Made, used and destroyed by two threads at once."""
        code = ("import " + ", ".join(MODULES) + "\n"
                "assert _md5.md5(b'x' * 5000).hexdigest() == '%s'\n"
                "a = array.array('d', range(100)); a.extend(a)\n"
                "assert unicodedata.normalize('NFD', '\\u1e9b\\u0323') != '\\u1e9b'\n"
                "q = _queue.SimpleQueue(); q.put(a); assert q.get() is a\n"
                % hashlib.md5(b"x" * 5000).hexdigest())
        ladon_support.run_in_interpreters(code, 8)


FIGURES = {
    "decoders": 2700175381,
    "encoders": 2699452114,
    "hashes": 4258668822,
    "blake2": 414264403,
    "sound": 3929287955,
}

if __name__ == "__main__":
    unittest.main()
