"""Isolated interpreters: lives, parallel work, imports while others come and go.

Issue "Foundations", point 6 (the parts that Python code can show).
"""

import signal
import subprocess
import sys
import threading
import time
import types
import unittest

import _xxinterpchannels as channels
import _xxsubinterpreters as interpreters

MODULES = "datetime json re enum collections functools string textwrap types copy"


class LifeTests(unittest.TestCase):
    def test_create_and_destroy(self):
        before = len(interpreters.list_all())
        for number in range(100):
            interp = interpreters.create()
            interpreters.run_string(interp, f"x = {number} * 2")
            interpreters.destroy(interp)
        self.assertEqual(len(interpreters.list_all()), before)

    def test_two_threads_import_and_destroy(self):
        """Two threads create an interpreter, import ten modules in it, destroy it, many times."""
        errors = []
        end = time.monotonic() + 5

        def work():
            try:
                while time.monotonic() < end:
                    interp = interpreters.create()
                    interpreters.run_string(interp, "import " + ", ".join(MODULES.split()))
                    interpreters.destroy(interp)
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])

    def test_namespaces_are_apart(self):
        first, second = interpreters.create(), interpreters.create()
        cid = channels.create()
        try:
            interpreters.run_string(first, "import os; os.marker = 1; value = 'first'")
            interpreters.run_string(
                second, "import os, _xxinterpchannels as c\n"
                        "c.send(out, (hasattr(os, 'marker'), 'value' in globals()))",
                {"out": int(cid)})
            self.assertEqual(channels.recv_wait(cid, 10), (False, False))
        finally:
            interpreters.destroy(first)
            interpreters.destroy(second)
            channels.destroy(cid)

    def test_threading_between_runs(self):
        """The main thread of an interpreter is the same in every run, and ends with it."""
        script = ("import threading, _xxsubinterpreters as interpreters\n"
                  "interp = interpreters.create()\n"
                  "interpreters.run_string(interp, 'import threading; "
                  "t = threading.Thread(target=print, args=(1,)); t.start(); t.join()')\n"
                  "run = (interp, 'import threading; print(threading.main_thread().is_alive())')\n"
                  "interpreters.run_string(*run)\n"
                  "thread = threading.Thread(target=interpreters.run_string, args=run)\n"
                  "thread.start(); thread.join()\n"
                  "interpreters.destroy(interp)\n")
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "1\nTrue\nTrue\n", ""))

    def test_threading_imported_by_another_thread(self):
        """The end does not wait for the thread that imported threading and has gone elsewhere."""
        script = ("import threading, _xxsubinterpreters as interpreters\n"
                  "interp = interpreters.create()\n"
                  "thread = threading.Thread(target=interpreters.run_string, args=(interp,\n"
                  "    'import threading, time\\n'\n"
                  "    'threading.Thread(target=lambda: (time.sleep(0.2), print(1))).start()'))\n"
                  "thread.start(); thread.join()\n"
                  "interpreters.destroy(interp)\n"
                  "print(2)\n")
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                              timeout=100)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "1\n2\n", ""))

    def test_left_over(self):
        """What is left when the process ends is ended: idle, running and being made."""
        script = ("import threading, time, _xxsubinterpreters as interpreters\n"
                  "def start(function, *args):\n"
                  "    threading.Thread(target=function, args=args, daemon=True).start()\n"
                  "def make():\n"
                  "    try:\n"
                  "        while True: interpreters.destroy(interpreters.create())\n"
                  "    except RuntimeError: pass   # refused: the process ends\n"
                  "idle, busy = interpreters.create(), interpreters.create(isolated=False)\n"
                  "interpreters.run_string(idle, 'import atexit; atexit.register(print, 1)')\n"
                  "interpreters.run_string(busy, 'import atexit; atexit.register(print, 2)')\n"
                  "start(interpreters.run_string, busy, 'while True: pass')\n"
                  "start(make)\n"
                  "time.sleep(0.2)\n")
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                              timeout=100)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "2\n1\n", ""))

    def test_two_threads_end_the_same(self):
        """One of two threads that destroy an interpreter does, the other gets RuntimeError."""
        for _ in range(20):
            keep = interpreters.create()
            interp = int(keep)
            failures = []

            def destroy():
                try:
                    interpreters.destroy(interp)
                except RuntimeError as error:
                    failures.append(error)

            threads = [threading.Thread(target=destroy) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(len(failures), 1)
            self.assertNotIn(keep, interpreters.list_all())

    def test_last_reference_while_running(self):
        """An interpreter whose last ID goes while it runs ends after the run."""
        interp = interpreters.create()
        number = int(interp)
        cid = channels.create()
        thread = threading.Thread(target=interpreters.run_string, args=(
            number, "import _xxinterpchannels as c\nc.recv_wait(go)", {"go": int(cid)}))
        thread.start()
        while not interpreters.is_running(number):
            time.sleep(0.001)
        del interp
        self.assertIn(number, map(int, interpreters.list_all()))
        channels.send(cid, None)
        thread.join()
        self.assertNotIn(number, map(int, interpreters.list_all()))
        channels.destroy(cid)

    def test_caught_interrupt(self):
        """A KeyboardInterrupt that a nested run catches does not decide the exit status."""
        for script, status in (
                ("try: exec('raise KeyboardInterrupt')\nexcept KeyboardInterrupt: pass", 0),
                ("import _xxsubinterpreters as i\n"
                 "try: i.run_string(i.create(), 'raise KeyboardInterrupt')\n"
                 "except i.RunFailedError: pass", 0),
                ("raise KeyboardInterrupt", -signal.SIGINT)):
            done = subprocess.run([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
            self.assertEqual(done.returncode, status, script)

    def test_errors_cross(self):
        interp = interpreters.create()
        try:
            with self.assertRaisesRegex(interpreters.RunFailedError, "ZeroDivisionError"):
                interpreters.run_string(interp, "1 / 0")
        finally:
            interpreters.destroy(interp)

    def test_resolved_ends(self):
        """An end made with _resolve=True arrives as a channel of PEP 554, if that can be made."""
        class SendChannel:
            def __init__(self, id):
                self.id = id

        cid = channels.create()
        self.addCleanup(channels.destroy, cid)
        library = types.ModuleType("interpreters")
        library.SendChannel = SendChannel
        self.addCleanup(sys.modules.pop, "interpreters", None)
        sys.modules["interpreters"] = library
        both = channels._channel_id(cid, _resolve=True)
        received = []
        for end in both.send, both.recv, both, cid.send:
            channels.send(cid, end)
            received.append(channels.recv(cid))
        self.assertIsInstance(received[0], SendChannel)
        self.assertEqual(received[0].id, both.send)
        self.assertEqual(received[1:], [both.recv, both, cid.send])

    def test_recv_wait_blocks(self):
        cid = channels.create()
        timer = threading.Timer(0.1, channels.send, (cid, b"late"))
        start = time.monotonic()
        timer.start()
        self.assertEqual(channels.recv_wait(cid, 10), b"late")
        self.assertGreaterEqual(time.monotonic() - start, 0.09)
        timer.join()
        channels.destroy(cid)


class LendingTests(unittest.TestCase):
    """str and bytes of middle size: the sender's object is copied when the message is received."""

    def setUp(self):
        self.interp, self.cid = interpreters.create(), channels.create()

    def tearDown(self):
        interpreters.destroy(self.interp)
        try:
            channels.destroy(self.cid)
        except channels.ChannelNotFoundError:
            pass

    def run_there(self, code):
        interpreters.run_string(self.interp, "import _xxinterpchannels as channels\n" + code,
                                {"cid": int(self.cid)})

    def test_sizes_and_kinds(self):
        for size in (0, 1, 900, 960, 1000, 1023, 1024, 1500, 4096, 65000, 65536, 70000, 1 << 20):
            for message in (bytes(range(256)) * (size // 256 + 1), "a" * size, "\xe9" * size,
                            "\u20ac" * size, "\U0001F600" * size, (b"x" * size, "y" * size)):
                message = message if isinstance(message, tuple) else message[:size]
                hash(message)
                channels.send(self.cid, message)
                self.run_there("m = channels.recv(cid); hash(m); n = m + m[:0]; n.__sizeof__()\n"
                               "channels.send(cid, m); channels.send(cid, type(m)(m))")
                back, again = channels.recv(self.cid), channels.recv(self.cid)
                self.assertEqual(back, message)
                self.assertEqual(again, message)
                self.assertEqual(hash(back), hash(message))
                self.assertIsNot(back, message if size > 1 else None)
                if isinstance(back, str):
                    self.assertEqual((back.isascii(), back.encode()),
                                     (message.isascii(), message.encode()))
                    self.assertEqual({back: 1}[message], 1)

    def test_comes_back(self):
        message = b"x" * 5000
        before = sys.getrefcount(message)
        for _ in range(40):
            channels.send(self.cid, message)
        self.run_there("for i in range(40): channels.recv(cid)")
        # A pending call took back most of them.
        self.assertLess(sys.getrefcount(message) - before, 16)
        channels.send(self.cid, message)
        self.assertEqual(sys.getrefcount(message), before + 1)
        self.assertEqual(channels.recv(self.cid), message)
        self.assertEqual(sys.getrefcount(message), before)

    def test_dropped(self):
        message = "x" * 5000
        before = sys.getrefcount(message)
        for drop in (lambda: channels.destroy(self.cid),
                     lambda: channels.close(self.cid, force=True),
                     lambda: channels.release(self.cid, send=True, recv=True),
                     lambda: self.run_there("channels.destroy(cid)")):
            with self.subTest(drop):
                for _ in range(40):
                    channels.send(self.cid, message)
                drop()
                try:
                    channels.destroy(self.cid)
                except channels.ChannelNotFoundError:
                    pass
                self.cid = channels.create()
                channels.send(self.cid, message)
                channels.recv(self.cid)
                self.assertEqual(sys.getrefcount(message), before)

    def test_refused(self):
        message = b"x" * 5000
        before = sys.getrefcount(message)
        channels.close(self.cid, force=True)
        self.assertRaises(channels.ChannelClosedError, channels.send, self.cid, message)
        self.assertEqual(sys.getrefcount(message), before)

    def test_sender_ends(self):
        """As in 3.12, what it sent and nobody received goes with it."""
        channels.send(self.cid, 0)
        self.assertEqual(channels.recv(self.cid), 0)    # the ends of this interpreter stay open
        for received in (0, 1, 3):
            interp = interpreters.create()
            interpreters.run_string(interp, "import _xxinterpchannels as channels\n"
                                    "message = b'x' * 5000\n"
                                    "for i in range(3): channels.send(cid, message)\n"
                                    "class C:\n    def __del__(self): "
                                    "channels.send(cid, b'late' * 500)\nc = C()",
                                    {"cid": int(self.cid)})
            for _ in range(received):
                self.assertEqual(channels.recv(self.cid), b"x" * 5000)
            interpreters.destroy(interp)
            rest = channels.recv(self.cid, None)
            self.assertIn(rest, (None, b"late" * 500))

    def test_many_at_once(self):
        """Two threads send and receive while the lender makes and drops objects."""
        rounds = 3000
        code = ("for i in range(%d):\n"
                "    m = channels.recv_wait(cid, 60)\n"
                "    assert m == bytes([i & 255]) * (1000 + i), i" % rounds)
        errors = []

        def receive():
            try:
                self.run_there(code)
            except Exception as error:
                errors.append(error)
        thread = threading.Thread(target=receive)
        thread.start()
        for i in range(rounds):
            channels.send(self.cid, bytes([i & 255]) * (1000 + i))
        thread.join()
        self.assertEqual(errors, [])


if __name__ == "__main__":
    unittest.main()
