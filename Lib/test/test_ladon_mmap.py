"""mmap: arguments that change the mapping while they are converted, and its limits."""

import _xxsubinterpreters as interpreters
import gc
import itertools
import mmap
import os
import sys
import tempfile
import threading
import unittest

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

PAGE = mmap.PAGESIZE


class Index:
    """An index that does something first."""
    def __init__(self, action, value=0):
        self.action = action
        self.value = value

    def __index__(self):
        self.action()
        return self.value


class Buffer:
    """An object with a buffer that does something first."""
    def __init__(self, action, value=b""):
        self.action = action
        self.value = value

    def __buffer__(self, flags):
        self.action()
        return memoryview(self.value)


class MmapTests(unittest.TestCase):
    def setUp(self):
        file = tempfile.TemporaryFile()
        self.addCleanup(file.close)
        file.write(b"0123456789" * PAGE)
        file.flush()
        self.fd = file.fileno()

    def calls(self, m, action):
        """Yield what converts an argument and then uses the mapping."""
        def get(key):
            return lambda: m[key]

        def put(key, value):
            return lambda: m.__setitem__(key, value)

        last = Index(action, PAGE)
        yield get(last)
        yield get(slice(last, None, 2))
        yield get(slice(None, None, Index(action, 1)))
        yield put(last, 1)
        yield put(PAGE, Index(action, 65))
        yield put(slice(last, last), b"")
        yield put(slice(PAGE, PAGE + 3), Buffer(action, b"abc"))
        yield put(slice(0, 3 * PAGE, 3), Buffer(action, b"a" * PAGE))
        for name, args in (
                ("read", (last,)), ("write_byte", (Index(action, 65),)),
                ("write", (Buffer(action, b"a" * PAGE),)), ("seek", (last,)),
                ("find", (b"9", last)), ("rfind", (b"9", 0, last)), ("find", (Buffer(action),)),
                ("move", (0, last, 3)), ("flush", (0, last)), ("madvise", (0, last)),
                ("resize", (Index(action, 2 * PAGE),))):
            yield lambda: getattr(m, name)(*args)

    def check_calls(self, change, excs):
        for i in itertools.count():
            os.ftruncate(self.fd, 3 * PAGE)
            m = mmap.mmap(self.fd, 3 * PAGE)
            m.seek(PAGE + 5)
            calls = list(self.calls(m, lambda: change(m)))
            if i == len(calls):
                break
            with self.subTest(i=i):
                try:
                    calls[i]()
                except excs:
                    pass
                if m.closed:
                    self.assertRaises(ValueError, m.read)

    def test_closed_meanwhile(self):
        def change(m):
            if not m.closed:
                m.close()
        self.check_calls(change, ValueError)

    def test_shrunk_meanwhile(self):
        self.check_calls(lambda m: m.resize(100), (ValueError, IndexError, OSError, TypeError))

    def test_exports(self):
        """What is exported stays where it is, in whatever way it is used."""
        m = mmap.mmap(self.fd, 2 * PAGE)
        view = memoryview(m)
        self.assertRaises(BufferError, m.close)
        self.assertRaises(BufferError, m.resize, PAGE)
        m.write(m)
        m.seek(0)
        m[:] = m
        self.assertEqual(m.find(m), 0)
        del view
        keep = []
        self.assertRaises(BufferError, m.resize, Index(lambda: keep.append(memoryview(m)), PAGE))
        keep[0].release()
        m.close()

    def test_resize(self):
        """The file is never shorter than the mapping, also if something fails."""
        m = mmap.mmap(self.fd, 3 * PAGE, offset=PAGE)
        for size in (0, sys.maxsize - PAGE, sys.maxsize, -1, 2 ** 62):
            self.assertRaises((ValueError, OSError), m.resize, size)
            self.assertEqual(len(m), 3 * PAGE)
            self.assertEqual(m[-1:], b"%d" % ((4 * PAGE - 1) % 10))
        m.resize(10)
        self.assertEqual(os.fstat(self.fd).st_size, PAGE + 10)
        m.resize(5 * PAGE)
        self.assertEqual(m[10:], bytes(5 * PAGE - 10))
        m.close()

    def test_resize_anonymous(self):
        """Shared memory without a file does not grow; private memory does."""
        with mmap.mmap(-1, 2 * PAGE) as m:
            m.resize(10)
            m.resize(2 * PAGE)
            self.assertEqual(m[-1], 0)
            self.assertRaises(ValueError, m.resize, 2 * PAGE + 1)
        with mmap.mmap(-1, 10, flags=mmap.MAP_PRIVATE) as m:
            m.resize(20 * PAGE)
            m[-1] = 1

    def test_protection(self):
        """Without PROT_READ nothing is read, without PROT_WRITE nothing is written."""
        for prot in range(8):
            with mmap.mmap(-1, PAGE, prot=prot) as m, self.subTest(prot=prot):
                readable = prot & (mmap.PROT_READ | mmap.PROT_WRITE)
                writable = prot & mmap.PROT_WRITE
                reads = [lambda: m[0], lambda: m[:2], m.read, m.readline, m.read_byte,
                         lambda: m.find(b"a"), lambda: bytes(m), lambda: 5 in m]
                writes = [lambda: m.write(b"a"), lambda: m.write_byte(1), lambda: m.move(0, 1, 1),
                          lambda: m.__setitem__(0, 1), lambda: m.__setitem__(slice(1), b"a")]
                for call, allowed in [(f, readable) for f in reads] + [(f, writable)
                                                                      for f in writes]:
                    m.seek(0)
                    if allowed:
                        call()
                    else:
                        self.assertRaises((TypeError, BufferError), call)
                self.assertEqual(len(m), PAGE)

    def test_flags(self):
        """MAP_FIXED would be the address 0."""
        self.assertRaises(OSError, mmap.mmap, -1, PAGE, flags=mmap.MAP_SHARED | 0x10)
        self.assertRaises(OSError, mmap.mmap, -1, PAGE, flags=0)

    def test_descriptors(self):
        """The object has a descriptor of its own, which a failure gives back."""
        def descriptors():
            return len(os.listdir("/proc/self/fd"))
        before = descriptors()
        for i in range(10):
            self.assertRaises(OSError, mmap.mmap, self.fd, 10, offset=1)
            self.assertRaises(ValueError, mmap.mmap, self.fd, 2 ** 40)
        self.assertEqual(descriptors(), before)
        m = mmap.mmap(self.fd, 10)
        self.assertEqual(descriptors(), before + 1)
        self.assertEqual(m.size(), os.fstat(self.fd).st_size)
        m.close()
        self.assertEqual(descriptors(), before)

    def test_flush_in_threads(self):
        """flush() works without the GIL: the mapping stays until it is done."""
        m = mmap.mmap(self.fd, 10 * PAGE)
        stop = []

        def flush():
            while not stop:
                m[5] = 1
                m.flush()
        threads = [threading.Thread(target=flush) for _ in range(2)]
        for thread in threads:
            thread.start()
        for i in range(200):
            try:
                m.resize((5 + i % 5) * PAGE)
            except BufferError:
                pass
        stop.append(1)
        for thread in threads:
            thread.join()
        m.close()

    def test_interpreters(self):
        """Interpreters share a file through mappings of their own."""
        interp = interpreters.create(isolated=True)
        self.addCleanup(interpreters.destroy, interp)
        interpreters.run_string(interp, f"""if True:
            import mmap
            with mmap.mmap({self.fd}, 10) as m:
                m[:5] = b"hello"
        """)
        with mmap.mmap(self.fd, 10) as m:
            self.assertEqual(m[:], b"hello56789")

    @ladon_support.needs_failing_allocations
    def test_memory_errors(self):
        def action():
            with mmap.mmap(self.fd, 3 * PAGE) as m:
                m[:4], m[1:9:2], m.readline(), m.read(5), m.find(b"5"), repr(m), m.size()
                m.seek(0)
                m.write(b"abc")
                m.resize(2 * PAGE)

        def descriptors():
            gc.collect()
            return len(os.listdir("/proc/self/fd"))

        before = descriptors()
        number = ladon_support.fail_each_allocation(
            action, prepare=lambda: os.ftruncate(self.fd, 10 * PAGE),
            check=lambda: self.assertEqual(descriptors(), before))
        self.assertGreater(number, 5)


if __name__ == "__main__":
    unittest.main()
