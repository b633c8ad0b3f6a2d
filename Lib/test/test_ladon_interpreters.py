"""Isolated interpreters: lives, parallel work, imports while others come and go.

Issue "Foundations", point 6 (the parts that Python code can show).
"""

import threading
import time
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

    def test_errors_cross(self):
        interp = interpreters.create()
        try:
            with self.assertRaisesRegex(interpreters.RunFailedError, "ZeroDivisionError"):
                interpreters.run_string(interp, "1 / 0")
        finally:
            interpreters.destroy(interp)

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
