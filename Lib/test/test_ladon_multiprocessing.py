"""_multiprocessing and _posixshmem: semaphores and memory that processes share.

CPython 3.12.1 passes this file, except for test_without_name and the longest times of test_times.
"""

import _multiprocessing
import _posixshmem
import errno
import gc
import os
import signal
import subprocess
import sys
import threading
import time
import unittest

from _multiprocessing import SemLock

try:
    import _ladontest
except ImportError:
    _ladontest = None

RECURSIVE, SEMAPHORE = 0, 1


def unique():
    return f"/ladon-{os.getpid()}-{time.monotonic_ns()}"


def make(kind=SEMAPHORE, value=1, maxvalue=1):
    return SemLock(kind, value, maxvalue, unique(), True)


class SemLockTests(unittest.TestCase):
    def test_recursive(self):
        """A recursive lock belongs to a thread; others neither get nor release it."""
        lock = make(RECURSIVE)
        self.assertTrue(lock.acquire() and lock.acquire(False) and lock.acquire(timeout=0))
        self.assertEqual((lock._count(), lock._is_mine(), lock._is_zero()), (3, True, True))
        seen = []

        def other():
            seen.append(lock._is_mine())
            seen.append(lock.acquire(False))
            try:
                lock.release()
            except AssertionError as error:
                seen.append(str(error))

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        self.assertEqual(seen, [False, False,
                                "attempt to release recursive lock not owned by thread"])
        for _ in range(3):
            lock.release()
        self.assertEqual((lock._count(), lock._get_value()), (0, 1))
        self.assertRaises(AssertionError, lock.release)

    def test_semaphore(self):
        sem = make(value=2, maxvalue=3)
        with sem as entered:
            self.assertIs(entered, True)
            self.assertTrue(sem.acquire(False))
            self.assertFalse(sem.acquire(False))
            sem.release()
        sem.release()
        with self.assertRaisesRegex(ValueError, "^semaphore or lock released too many times$"):
            sem.release()
        self.assertEqual((sem._count(), sem._get_value(), sem.maxvalue), (-1, 3, 3))

    def test_times(self):
        """Times that are over, no numbers, longer than any wait; refused while it is free too."""
        sem = make(value=0)
        for timeout in (0, -3, -1e300, float("nan"), 0.01):
            self.assertFalse(sem.acquire(True, timeout))
        for value in (0, 1):
            with self.assertRaisesRegex(TypeError, "must be real number, not str"):
                make(value=value).acquire(timeout="x")
        for timeout in (1e300, float("inf"), None):
            threading.Timer(0.02, sem.release).start()
            self.assertTrue(sem.acquire(True, timeout))

    def alarm(self, handler):
        old = signal.signal(signal.SIGALRM, handler)
        self.addCleanup(signal.signal, signal.SIGALRM, old)
        self.addCleanup(signal.setitimer, signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_REAL, 0.03, 0.03)

    def test_signals(self):
        """A wait goes on after signals, until its time is over (PEP 475)."""
        calls = []
        self.alarm(lambda *args: calls.append(1))
        start = time.monotonic()
        self.assertFalse(make(value=0).acquire(True, 0.2))
        self.assertGreater(time.monotonic() - start, 0.19)
        self.assertGreater(len(calls), 2)

    def test_handler_raises(self):
        def handler(*args):
            raise ZeroDivisionError

        for timeout in (None, 10):
            self.alarm(handler)
            self.assertRaises(ZeroDivisionError, make(value=0).acquire, True, timeout)
            signal.setitimer(signal.ITIMER_REAL, 0)

    def test_other_process(self):
        """Another process opens the semaphore by its name."""
        name = unique()
        sem = SemLock(SEMAPHORE, 0, 1, name, False)
        self.addCleanup(_multiprocessing.sem_unlink, name)
        self.assertEqual(sem.name, name)
        code = f"import _multiprocessing as m; m.SemLock._rebuild(0, 1, 1, {name!r}).release()"
        process = subprocess.Popen([sys.executable, "-c", code])
        self.assertTrue(sem.acquire(True, 60))
        self.assertEqual(process.wait(), 0)

    def test_refused(self):
        with self.assertRaisesRegex(ValueError, "unrecognized kind"):
            make(kind=2)
        with self.assertRaises(OSError) as caught:
            make(value=-1)
        self.assertEqual(caught.exception.errno, errno.EINVAL)
        self.assertRaises(FileNotFoundError, _multiprocessing.sem_unlink, unique())
        self.assertRaises(FileNotFoundError, SemLock._rebuild, 0, 1, 1, unique())
        sem = make()
        with self.assertRaises(AttributeError):
            sem.kind = 0
        with self.assertRaises(TypeError):
            SemLock.SEM_VALUE_MAX = 0

    def test_without_name(self):
        """A handle is no semaphore: any number could be one."""
        self.assertRaises(ValueError, SemLock._rebuild, make().handle, 1, 1, None)

    @unittest.skipIf(_ladontest is None, "needs a build that can fail allocations")
    def test_no_memory(self):
        """A semaphore that cannot be made leaves nothing, not even its name."""
        for n in range(1, 100):
            name = unique()
            gc.collect()
            before = sys.getallocatedblocks()
            _ladontest.fail_allocation(n)
            try:
                SemLock(SEMAPHORE, 1, 1, name, True)
            except MemoryError:
                pass
            fired = _ladontest.fail_allocation(0)
            self.assertLess(sys.getallocatedblocks() - before, 20)
            self.assertRaises(FileNotFoundError, _multiprocessing.sem_unlink, name)
            if not fired:
                break
        self.assertGreater(n, 1)


class SharedMemoryTests(unittest.TestCase):
    def test_life(self):
        name = unique()
        fd = _posixshmem.shm_open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode=0o600)
        self.addCleanup(os.close, fd)
        self.assertFalse(os.get_inheritable(fd))
        os.write(fd, b"abc")
        again = _posixshmem.shm_open(name, flags=os.O_RDONLY)
        self.addCleanup(os.close, again)
        self.assertEqual(os.read(again, 5), b"abc")
        with self.assertRaises(FileExistsError) as caught:
            _posixshmem.shm_open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR)
        self.assertEqual(caught.exception.filename, name)
        _posixshmem.shm_unlink(name)
        self.assertRaises(FileNotFoundError, _posixshmem.shm_unlink, name)

    def test_refused(self):
        for call in (lambda name: _posixshmem.shm_open(name, os.O_RDONLY),
                     _posixshmem.shm_unlink):
            self.assertRaises(FileNotFoundError, call, "/a\0b")
            self.assertRaises(TypeError, call, b"/a")
            self.assertRaises(OSError, call, "/" + "x" * 300)


if __name__ == "__main__":
    unittest.main()
