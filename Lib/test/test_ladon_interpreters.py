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
        """Two threads create an interpreter, import ten modules in it, destroy it, again and again."""
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


if __name__ == "__main__":
    unittest.main()
