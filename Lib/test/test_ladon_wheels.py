"""Unmodified extension modules from the package index work as they do on CPython 3.12.

Issue "Foundations", point 7.  Tools/abi/wheels.txt names them; Tools/abi/fetch_wheels.py fetches
them once into the build directory, with the machine's python3.  The programs in ladon_wheels/ use
every public function, make them fail in many ways and print the results and whole tracebacks; the
.txt files beside them are what CPython 3.12.1 printed (see the README there).

A machine without pip or without an index fails this test, and the message says so: set
LADON_NO_INDEX=1 to leave it out.
"""

import difflib
import os
import subprocess
import sys
import unittest

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ladon_wheels")
FETCH = os.path.join(HERE, "..", "..", "..", "Tools", "abi", "fetch_wheels.py")
WHEELS = os.path.join(os.path.dirname(os.path.abspath(sys.executable)), "build", "wheels")


@unittest.skipIf(os.environ.get("LADON_NO_INDEX"), "LADON_NO_INDEX is set")
class WheelTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        done = subprocess.run(["python3", FETCH, WHEELS], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise RuntimeError("no wheels to test with (is there pip and a package index? "
                               "LADON_NO_INDEX=1 leaves this out):\n" + done.stdout)
        cls.site = done.stdout.splitlines()[-1]

    def check(self, program, *args):
        """Run PROGRAM in a process of its own; its output must be the recorded one."""
        env = dict(os.environ, PYTHONPATH=self.site, PYTHONIOENCODING="utf-8")
        env["PYTHONWARNINGS"] = "ignore"        # their texts have the path of the program
        # bcrypt (PyO3) never frees its method definitions: foreign blocks, seen in ASan builds.
        env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        done = subprocess.run([sys.executable, os.path.join(HERE, f"use_{program}.py"), *args],
                              env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=300)
        name = "_".join(("use", program, *args)) + ".txt"
        with open(os.path.join(HERE, name), encoding="utf-8") as f:
            expected = f.read()
        output = done.stdout.decode("utf-8", "backslashreplace")
        if done.returncode or output != expected:
            lines = difflib.unified_diff(expected.splitlines(), output.splitlines(), "CPython",
                                         "here", lineterm="", n=1)
            self.fail(f"exit status {done.returncode}\n" + "\n".join(list(lines)[:60]))

    def test_markupsafe(self):
        """C by hand."""
        self.check("markupsafe")

    def test_frozenlist(self):
        """Cython."""
        self.check("frozenlist")

    def test_bcrypt(self):
        """Rust, for the stable ABI of 3.9."""
        self.check("bcrypt")

    def test_msgpack(self):
        """Cython, with datetime's C API."""
        self.check("msgpack")

    def test_numpy(self):
        """C and C++ by hand, with datetime's C API."""
        self.check("numpy")

    def test_main_first(self):
        """In further interpreters, after the main one loaded them: what loads, what refuses."""
        self.check("isolated", "main")

    def test_others_first(self):
        """In further interpreters, before the main one; static types survive their makers."""
        self.check("isolated", "others")


if __name__ == "__main__":
    unittest.main()
