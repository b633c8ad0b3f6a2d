"""zlib, _bz2 and _lzma: pieces, damaged streams, shared objects, interpreters, memory."""

import _bz2
import _lzma
import _xxsubinterpreters as interpreters
import functools
import io
import lzma
import random
import tarfile
import threading
import unittest
import zipfile
import zlib

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

RAW = [{"id": _lzma.FILTER_DELTA, "dist": 5}, {"id": _lzma.FILTER_LZMA2, "dict_size": 4096}]

# name: (compressor, decompressor)
CODECS = {
    "zlib": (zlib.compressobj, zlib._ZlibDecompressor),
    "bz2": (lambda: _bz2.BZ2Compressor(1), _bz2.BZ2Decompressor),
    "xz": (lambda: _lzma.LZMACompressor(preset=0), _lzma.LZMADecompressor),
    "alone": (lambda: _lzma.LZMACompressor(_lzma.FORMAT_ALONE, preset=0), _lzma.LZMADecompressor),
    "raw": (lambda: _lzma.LZMACompressor(_lzma.FORMAT_RAW, filters=RAW),
            lambda: _lzma.LZMADecompressor(_lzma.FORMAT_RAW, filters=RAW)),
}

WITHOUT_MEMORY = (MemoryError, zlib.error)     # as 3.12's zlib says it while it runs

# RuntimeError: libbz2 is called again after an error.
ERRORS = (OSError, EOFError, RuntimeError, zlib.error, _lzma.LZMAError)


def for_each_codec(test):
    """Make a test of a method with the name of a codec as its argument."""
    @functools.wraps(test)
    def run(self):
        for name in CODECS:
            with self.subTest(name):
                test(self, name)
    return run


def compressed(name, data):
    compressor = CODECS[name][0]()
    return compressor.compress(data) + compressor.flush()


def samples(seed):
    """Yield data that is small, repeated or random, around the sizes of buffers."""
    rand = random.Random(seed)
    for size in (0, 1, 100, 16383, 16384, 16385, 100_000):
        yield bytes(size)
        yield rand.randbytes(size)


class CompressionTests(unittest.TestCase):
    def check_pieces(self, name, data, stream, rand):
        """Decompress a stream with trailing bytes in pieces, with limits."""
        decompressor, found, at = CODECS[name][1](), [], 0
        while not decompressor.eof:
            wanted = decompressor.needs_input or rand.random() < .2
            size = rand.choice((0, 1, 100, 20_000)) if wanted else 0
            limit = rand.choice((-1, 0, 1, 10, 16384, 30_000))
            found.append(decompressor.decompress(stream[at:at + size], limit))
            at += size
            if limit >= 0:
                self.assertLessEqual(len(found[-1]), limit)
        self.assertEqual(b"".join(found), data)
        self.assertFalse(decompressor.needs_input)
        self.assertEqual(decompressor.unused_data + stream[at:], b"trailing")
        self.assertRaises(EOFError, decompressor.decompress, b"")

    @for_each_codec
    def test_pieces(self, name):
        rand = random.Random(1)
        for data in samples(name):
            compressor, stream = CODECS[name][0](), b""
            for i in range(0, len(data), 5000):
                stream += compressor.compress(data[i:i + 5000])
            stream += compressor.flush()
            self.assertEqual(CODECS[name][1]().decompress(stream), data)
            if len(data) < 20_000:
                self.check_pieces(name, data, stream + b"trailing", rand)

    @for_each_codec
    def test_no_output_wanted(self, name):
        """A limit of 0 gives nothing, as often as one asks, and loses nothing."""
        decompressor = CODECS[name][1]()
        stream = compressed(name, b"hello" * 100)
        for _ in range(5):
            self.assertEqual(decompressor.decompress(b"", 0), b"")
        self.assertEqual(decompressor.decompress(stream[:30], 0), b"")
        for _ in range(5):
            self.assertEqual(decompressor.decompress(b"", 0), b"")
        self.assertEqual(decompressor.decompress(stream[30:]), b"hello" * 100)

    @for_each_codec
    def test_much_input_in_small_steps(self, name):
        """What is kept of the input is not copied at each step."""
        decompressor = CODECS[name][1]()
        stream = compressed(name, random.Random(2).randbytes(200_000))
        found = [decompressor.decompress(stream, 100)]
        while not decompressor.eof:
            found.append(decompressor.decompress(b"", 100))
        self.assertEqual(b"".join(found), random.Random(2).randbytes(200_000))

    @for_each_codec
    def test_damage(self, name):
        """A damaged stream gives an exception or data, also when one goes on after it."""
        rand = random.Random(3)
        stream = compressed(name, b"".join(b"%d" % i for i in range(300)))
        for i in range(len(stream)):
            bad = bytearray(stream)
            bad[i] ^= 1 << rand.randrange(8)
            decompressor = CODECS[name][1]()
            for piece in (bytes(bad[:i + 9]), b"", bytes(bad[i + 9:]), b"", stream):
                try:
                    decompressor.decompress(piece, rand.choice((-1, 50)))
                except ERRORS:
                    pass
            self.assertIsInstance(decompressor.unused_data, bytes)

    @for_each_codec
    def test_truncated(self, name):
        stream = compressed(name, b"hello" * 10)
        for i in range(len(stream)):
            decompressor = CODECS[name][1]()
            decompressor.decompress(stream[:i])
            if decompressor.eof:
                self.assertEqual(name, "alone")     # its end may be known before
            else:
                self.assertTrue(decompressor.needs_input)
                decompressor.decompress(stream[i:])
                self.assertTrue(decompressor.eof)

    @for_each_codec
    def test_threads_on_one_object(self, name):
        """Pieces from several threads: none is lost, and none is torn."""
        compressor, decompressor = CODECS[name][0](), CODECS[name][1]()
        pieces = {byte * 30_000 for byte in (b"a", b"b", b"c")}
        streams, found = {piece: [] for piece in pieces}, []
        lock = threading.Lock()

        def compress(piece):
            for _ in range(5):
                with lock:          # what comes out has to be in order
                    out.append(compressor.compress(piece))

        def decompress():
            while not decompressor.eof:
                try:
                    found.append(decompressor.decompress(b"", 1000))
                except EOFError:
                    pass

        def run(function, args):
            threads = [threading.Thread(target=function, args=arg) for arg in args]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        out = []
        run(compress, [(piece,) for piece in streams])
        data = CODECS[name][1]().decompress(b"".join(out) + compressor.flush())
        self.assertEqual(len(data), 450_000)
        self.assertEqual({data[i:i + 30_000] for i in range(0, len(data), 30_000)}, pieces)
        found.append(decompressor.decompress(compressed(name, b"x" * 100_000), 1000))
        run(decompress, [()] * 3)
        self.assertEqual(b"".join(found), b"x" * 100_000)

    @for_each_codec
    def test_unlocked_compressor(self, name):
        """What threads get that do not wait for each other: an object that is flushed."""
        if name == "zlib":
            return          # it may go on after flush()
        compressor, errors = CODECS[name][0](), []

        def work():
            try:
                for _ in range(20):
                    compressor.compress(b"x" * 5000)
                compressor.flush()
            except ValueError as error:
                errors.append(str(error))

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(errors), 2)
        self.assertLessEqual(set(errors), {"Compressor has been flushed",
                                           "Repeated call to flush()"})

    def test_interpreters_at_once(self):
        ladon_support.run_in_interpreters(
            "import bz2, lzma, zlib, random\n"
            "for seed in range(3):\n"
            "    data = random.Random(seed).randbytes(2000) * 20\n"
            "    for module in (bz2, lzma, zlib):\n"
            "        assert module.decompress(module.compress(data)) == data\n"
            "    try:\n"
            "        lzma.decompress(data)\n"
            "    except lzma.LZMAError:\n"
            "        pass\n"
            "kept = [bz2.BZ2Compressor(), lzma.LZMACompressor(), lzma.LZMADecompressor()]\n"
            "kept.append(kept)\n", 3, threads=3)

    def test_isolated_interpreter_first(self):
        interp = interpreters.create(isolated=True)
        interpreters.run_string(interp, "import _bz2, _lzma; _lzma.LZMACompressor()")
        interpreters.destroy(interp)

    def test_archives(self):
        """zipfile and tarfile with these modules."""
        data = random.Random(4).randbytes(1000) * 50
        for kind in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            file = io.BytesIO()
            with zipfile.ZipFile(file, "w", kind) as archive:
                archive.writestr("name", data)
            with zipfile.ZipFile(file) as archive:
                self.assertEqual(archive.read("name"), data)
                self.assertIsNone(archive.testzip())
        for kind in ("gz", "bz2", "xz"):
            file = io.BytesIO()
            with tarfile.open(mode="w:" + kind, fileobj=file) as archive:
                info = tarfile.TarInfo("name")
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
            file.seek(0)
            with tarfile.open(fileobj=file) as archive:
                self.assertEqual(archive.extractfile("name").read(), data)


class FilterTests(unittest.TestCase):
    def test_properties(self):
        """Options come back from their properties; no properties mean no options."""
        for spec in ({"id": lzma.FILTER_LZMA1, "lc": 1, "lp": 2, "pb": 3, "dict_size": 1 << 16},
                     {"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16},
                     {"id": lzma.FILTER_DELTA, "dist": 200},
                     {"id": lzma.FILTER_ARM, "start_offset": 16},
                     {"id": lzma.FILTER_X86}):
            properties = _lzma._encode_filter_properties(spec)
            self.assertEqual(_lzma._decode_filter_properties(spec["id"], properties), spec)
        # A crash of 3.12.1.
        self.assertEqual(_lzma._decode_filter_properties(lzma.FILTER_SPARC, b""),
                         {"id": lzma.FILTER_SPARC})

    def test_all_filters(self):
        """Every filter in front of LZMA2, and every option of it."""
        data = random.Random(5).randbytes(500) * 10
        for first in (lzma.FILTER_DELTA, lzma.FILTER_X86, lzma.FILTER_IA64, lzma.FILTER_ARM,
                      lzma.FILTER_ARMTHUMB, lzma.FILTER_POWERPC, lzma.FILTER_SPARC):
            for finder in (lzma.MF_HC3, lzma.MF_HC4, lzma.MF_BT2, lzma.MF_BT3, lzma.MF_BT4):
                mode = lzma.MODE_FAST if finder in (lzma.MF_HC3, lzma.MF_HC4) else lzma.MODE_NORMAL
                chain = [{"id": first},
                         {"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": 1 << 14, "lc": 2,
                          "lp": 1, "pb": 1, "mode": mode, "nice_len": 30, "mf": finder,
                          "depth": 9}]
                for check in (lzma.CHECK_NONE, lzma.CHECK_CRC32, lzma.CHECK_CRC64,
                              lzma.CHECK_SHA256):
                    stream = lzma.compress(data, check=check, filters=chain)
                    decompressor = lzma.LZMADecompressor()
                    self.assertEqual(decompressor.decompress(stream), data)
                    self.assertEqual(decompressor.check, check)
                raw = lzma.compress(data, lzma.FORMAT_RAW, filters=chain)
                self.assertEqual(lzma.decompress(raw, lzma.FORMAT_RAW, filters=chain), data)

    def test_wrong_specifiers(self):
        lzma2 = lzma.FILTER_LZMA2

        class Strange(dict):
            def __getitem__(self, key):
                self.clear()
                raise ZeroDivisionError

        for spec, error in (
                (3, TypeError), ({}, ValueError), ({"id": 1}, ValueError), ({"id": "x"}, TypeError),
                ({"id": -1}, OverflowError), ({"id": lzma2, "": 1}, ValueError),
                ({"id": lzma2, 1: 1}, ValueError), ({"id": lzma2, "lc": None}, ValueError),
                ({"id": lzma2, "lc": 1 << 40}, ValueError),
                ({"id": lzma2, "\ud800": 1}, ValueError),
                ({"id": lzma2, "preset": 1 << 40}, OverflowError),
                ({"id": lzma2, "preset": 30}, lzma.LZMAError),
                ({"id": lzma2, "dist": 1}, ValueError),
                ({"id": lzma.FILTER_DELTA, "preset": 1}, ValueError),
                ({"id": lzma.FILTER_X86, "start_offset": -1}, ValueError),
                (Strange(id=lzma2), ZeroDivisionError)):
            for function in (_lzma._encode_filter_properties,
                             lambda spec: lzma.LZMACompressor(filters=[spec]),
                             lambda spec: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[spec])):
                self.assertRaises(error, function, spec)
        for spec in ({"id": lzma2, "lc": 4, "lp": 4}, {"id": lzma.FILTER_DELTA, "dist": 0}):
            self.assertRaises(lzma.LZMAError, lzma.LZMACompressor, filters=[spec])
        for chain in ([], [{"id": lzma.FILTER_DELTA}]):
            self.assertRaises(lzma.LZMAError, lzma.LZMACompressor, filters=chain)
        self.assertRaises(ValueError, lzma.LZMACompressor, filters=[{"id": lzma2}] * 5)

    def test_memory_limit(self):
        stream = lzma.compress(b"x" * 1000)
        self.assertRaises(lzma.LZMAError, lzma.decompress, stream, memlimit=1000)
        self.assertEqual(lzma.decompress(stream, memlimit=1 << 30), b"x" * 1000)


@ladon_support.needs_failing_allocations
class MemoryTests(unittest.TestCase):
    def test_streams(self):
        """Every allocation of a stream fails once; nothing is lost."""
        data = random.Random(6).randbytes(20_000) + b"x" * 60_000
        for name, (compressor, decompressor) in CODECS.items():
            stream = compressed(name, data) + b"trailing"

            def compress():
                made = compressor()
                made.compress(data)
                made.flush()

            def decompress():
                made = decompressor()
                made.decompress(stream[:500], 200)
                made.decompress(stream[500:600], 100)
                made.decompress(stream[600:])
                self.assertEqual(made.unused_data, b"trailing")

            for action in (compress, decompress):
                with self.subTest(name, action=action.__name__):
                    lost, number = ladon_support.lost_blocks(action, WITHOUT_MEMORY)
                    self.assertLess(lost, 20)
                    self.assertGreater(number, 4)

    def test_failure_between_steps(self):
        """After a step without memory the object gives data or errors, and no crash."""
        stream = {name: compressed(name, bytes(100_000)) for name in CODECS}
        for name in CODECS:
            def action():
                made = CODECS[name][1]()
                for i in range(0, len(stream[name]), 20):
                    try:
                        made.decompress(stream[name][i:i + 20], 30_000)
                    except WITHOUT_MEMORY:
                        failed.append(made)
                        raise

            failed = []
            ladon_support.fail_each_allocation(action, WITHOUT_MEMORY)
            for made in failed:
                for _ in range(3):
                    try:
                        made.decompress(stream[name], 100)
                    except ERRORS:
                        pass

    def test_filters(self):
        def action():
            _lzma.LZMACompressor(filters=RAW)
            _lzma._decode_filter_properties(lzma.FILTER_LZMA1, b"]\0\0\x80\0")
            _lzma._encode_filter_properties(RAW[1])

        lost, number = ladon_support.lost_blocks(action)
        self.assertLess(lost, 20)
        self.assertGreater(number, 10)


if __name__ == "__main__":
    unittest.main()
