"""Modules of the operating system: epoll, users and groups, resources, the end of a process."""

import errno
import grp
import os
import posix
import pwd
import resource
import select
import signal
import subprocess
import sys
import termios
import threading
import time
import unittest
import warnings

import _xxsubinterpreters as interpreters

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import spwd


class EpollTests(unittest.TestCase):
    def setUp(self):
        self.r, self.w = os.pipe()
        self.addCleanup(os.close, self.r)
        self.addCleanup(os.close, self.w)

    def test_events(self):
        """Registered descriptors report events until they are modified or unregistered."""
        with select.epoll() as epoll:
            epoll.register(self.r, select.EPOLLIN)
            self.assertEqual(epoll.poll(0), [])
            os.write(self.w, b"x")
            self.assertEqual(epoll.poll(1), [(self.r, select.EPOLLIN)])
            epoll.modify(self.r, 0)
            self.assertEqual(epoll.poll(0), [])
            epoll.unregister(self.r)
            with self.assertRaises(FileNotFoundError):
                epoll.unregister(self.r)
            copy = select.epoll.fromfd(os.dup(epoll.fileno()))
        self.assertTrue(epoll.closed)
        self.assertFalse(copy.closed)
        copy.close()
        with self.assertRaises(ValueError):
            copy.poll()

    def test_signal_during_wait(self):
        """A wait goes on after a signal with what is left of its time (PEP 475)."""
        calls = []
        old = signal.signal(signal.SIGALRM, lambda *args: calls.append(1))
        self.addCleanup(signal.signal, signal.SIGALRM, old)
        self.addCleanup(signal.setitimer, signal.ITIMER_REAL, 0)
        with select.epoll() as epoll:
            epoll.register(self.r, select.EPOLLIN)
            signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
            start = time.monotonic()
            self.assertEqual(epoll.poll(0.3), [])
            self.assertGreaterEqual(time.monotonic() - start, 0.29)
        self.assertGreater(len(calls), 1)

    def test_closed_by_handler(self):
        """A handler that closes the object ends the wait with ValueError."""
        epoll = select.epoll()
        old = signal.signal(signal.SIGALRM, lambda *args: epoll.close())
        self.addCleanup(signal.signal, signal.SIGALRM, old)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with self.assertRaises(ValueError):
            epoll.poll(10)


class TermiosTests(unittest.TestCase):
    def setUp(self):
        self.main, self.line = os.openpty()
        self.addCleanup(os.close, self.main)
        self.addCleanup(os.close, self.line)

    def test_attributes(self):
        """Attributes that were read can be set; counts are numbers in non-canonical mode."""
        mode = termios.tcgetattr(self.line)
        termios.tcsetattr(self.line, termios.TCSANOW, mode)
        self.assertEqual(termios.tcgetattr(self.line), mode)
        mode[3] &= ~termios.ICANON
        mode[6][termios.VMIN], mode[6][termios.VTIME] = b"\x02", 5
        mode[6][termios.VEOL] = 256 + 7
        termios.tcsetattr(self.line, termios.TCSADRAIN, mode)
        characters = termios.tcgetattr(self.line)[6]
        self.assertEqual([characters[i] for i in (termios.VMIN, termios.VTIME, termios.VEOL)],
                         [2, 5, b"\x07"])

    def test_refused(self):
        mode = termios.tcgetattr(self.line)

        class Clearing:
            def __index__(self):
                mode.clear()
                return 0

        for wrong in (tuple(mode), mode[:6], mode[:6] + [[b"ab"] * 32], mode[:6] + [[b"a"] * 31],
                      ["x"] + mode[1:]):
            self.assertRaises(TypeError, termios.tcsetattr, self.line, 0, wrong)
        with self.assertRaises(termios.error) as caught:
            termios.tcsetattr(self.line, 0, mode[:4] + [9999] + mode[5:])
        self.assertEqual(caught.exception.args[0], errno.EINVAL)
        wanted, mode[0] = list(mode), Clearing()
        termios.tcsetattr(self.line, 0, mode)       # what it was when the call began
        self.assertEqual(mode, [])
        self.assertEqual(termios.tcgetattr(self.line)[1:], wanted[1:])
        with open(os.devnull) as file, self.assertRaises(termios.error) as caught:
            termios.tcgetattr(file)
        self.assertEqual(caught.exception.args[0], errno.ENOTTY)

    def test_window_size(self):
        termios.tcsetwinsize(self.main, [30, 65535])
        self.assertEqual(termios.tcgetwinsize(self.line), (30, 65535))
        for wrong, kind in (((1,), TypeError), ("ab", TypeError), (5, TypeError),
                            ((1, 65536), OverflowError), ((-1, 1), OverflowError)):
            self.assertRaises(kind, termios.tcsetwinsize, self.main, wrong)


class ManyInterpretersTests(unittest.TestCase):
    def test_states(self):
        """Each interpreter has types of its own."""
        for module, name in (("select", "epoll"), ("pwd", "struct_passwd"),
                             ("grp", "struct_group"), ("spwd", "struct_spwd"),
                             ("resource", "struct_rusage")):
            interp = interpreters.create()
            own = id(getattr(sys.modules[module], name))
            interpreters.run_string(
                interp, f"import {module}; assert id({module}.{name}) != {own}\n"
                        f"{module}.{name}.__name__")
            interpreters.destroy(interp)

    def test_users_at_once(self):
        """Interpreters that go through the users at the same time all see all of them."""
        users, groups, shadows = len(pwd.getpwall()), len(grp.getgrall()), len(spwd.getspall())
        self.assertGreater(users, 0)
        source = ("import pwd, grp, spwd\n"
                  "for i in range(50):\n"
                  f"    assert len(pwd.getpwall()) == {users}\n"
                  f"    assert len(grp.getgrall()) == {groups}\n"
                  f"    assert len(spwd.getspall()) == {shadows}\n"
                  "    assert pwd.getpwuid(0).pw_uid == 0 == grp.getgrgid(0).gr_gid\n")
        failures = []

        def work(interp):
            try:
                interpreters.run_string(interp, source)
            except Exception as exc:
                failures.append(exc)

        made = [interpreters.create() for _ in range(3)]
        threads = [threading.Thread(target=work, args=(interp,)) for interp in made]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for interp in made:
            interpreters.destroy(interp)
        self.assertEqual(failures, [])


class PosixTests(unittest.TestCase):
    def test_descriptor_minus_one(self):
        """-1 is a bad descriptor, not a missing path."""
        for call in (posix.stat, posix.chdir, posix.listdir, posix.scandir, posix.statvfs,
                     posix.utime, posix.listxattr, lambda fd: posix.pathconf(fd, 1),
                     lambda fd: posix.truncate(fd, 0), lambda fd: posix.chmod(fd, 0o600),
                     lambda fd: posix.execve(fd, ["x"], {})):
            with self.assertRaises(OSError) as caught:
                call(-1)
            self.assertEqual(caught.exception.errno, errno.EBADF, call)

    def test_wait_with_rusage(self):
        """wait4() gives the same type as resource.getrusage()."""
        child = subprocess.Popen([sys.executable, "-I", "-S", "-c", "pass"])
        pid, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual((pid, child.returncode), (child.pid, 0))
        self.assertIs(type(usage), resource.struct_rusage)
        self.assertGreater(usage.ru_maxrss, 0)

    def test_exit_callbacks(self):
        """Exit callbacks may start neither threads nor forks."""
        code = ("import atexit, os, _thread\n"
                "def last():\n"
                "    for call in (os.fork, lambda: _thread.start_new_thread(print, ())):\n"
                "        try:\n"
                "            call()\n"
                "        except RuntimeError as exc:\n"
                "            print(exc)\n"
                "atexit.register(last)\n")
        done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.stdout, "can't fork at interpreter shutdown\n"
                         "can't create new thread at interpreter shutdown\n")


if __name__ == "__main__":
    unittest.main()
