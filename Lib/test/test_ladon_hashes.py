"""Hash modules, which lie apart from the program: objects that threads share, interpreters."""

import _xxsubinterpreters as interpreters
import hashlib
import importlib
import subprocess
import sys
import sysconfig
import threading
import unittest

MODULES = ["_md5", "_sha1", "_sha2", "_sha3", "_blake2"]


def constructors():
    """Yield (function, arguments of digest())."""
    for name in MODULES:
        module = importlib.import_module(name)
        for function in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224",
                         "sha3_512", "shake_128", "shake_256", "blake2b", "blake2s"):
            if hasattr(module, function):
                yield getattr(module, function), (40,) if "shake" in function else ()


class HashTests(unittest.TestCase):
    def test_place(self):
        """They are extension modules of this build, and start-up does not load them."""
        suffix = sysconfig.get_config_var("EXT_SUFFIX")
        for name in MODULES:
            self.assertNotIn(name, sys.builtin_module_names)
            self.assertTrue(importlib.import_module(name).__file__.endswith(name + suffix))
        done = subprocess.run([sys.executable, "-c", "import sys; print(list(sys.modules))"],
                              capture_output=True, text=True, check=True)
        for name in MODULES:
            self.assertNotIn(repr(name), done.stdout)

    def test_threads_on_one_object(self):
        """Small and big pieces from several threads: none is lost, digests are of whole pieces."""
        for function, size in constructors():
            shared, digests, failures = function(), [], []

            def work(piece):
                try:
                    for _ in range(30):
                        shared.update(piece)
                        digests.append((shared.digest(*size), shared.copy().hexdigest(*size)))
                except Exception as error:
                    failures.append(error)

            pieces = [b"x" * 4096, b"x" * 4096, b"x" * 100]
            threads = [threading.Thread(target=work, args=(piece,)) for piece in pieces]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(failures, [])
            self.assertEqual(len(digests), 90)
            whole = function(b"x" * (30 * sum(map(len, pieces))))
            self.assertEqual(shared.digest(*size), whole.digest(*size), function)

    def test_big_data(self):
        """Data hashed without the GIL gives what the same data in small parts gives."""
        data = bytes(range(256)) * 64
        for function, size in constructors():
            parts = function()
            for i in range(0, len(data), 500):
                parts.update(data[i:i + 500])
            later = function()
            later.update(data)
            self.assertEqual({function(data).digest(*size), later.digest(*size)},
                             {parts.digest(*size)}, function)

    def test_isolated_interpreter_first(self):
        """The first import of all may happen in an isolated interpreter."""
        expected = hashlib.sha256(b"abc" * 9999).hexdigest()[:8]
        script = f"""
import _xxsubinterpreters as interpreters
ids = [interpreters.create(isolated=True) for _ in range(3)]
for id in ids:
    interpreters.run_string(id, '''
for name in {MODULES!r}:
    __import__(name)
import _sha2, random
assert _sha2.sha256(b"abc" * 9999).hexdigest().startswith("{expected}")
assert random.Random("seed").random() != random.Random("dees").random()
''')
    interpreters.destroy(id)
import sys
assert "_sha2" not in sys.modules
import _sha2
print(_sha2.sha256(b"abc" * 9999).hexdigest()[:8])
"""
        done = subprocess.run([sys.executable, "-c", script],
                              capture_output=True, text=True)
        self.assertEqual((done.stdout.strip(), done.stderr), (expected, ""))

    def test_objects_die_with_their_interpreter(self):
        """Objects in cycles and as leftovers; the modules' algorithms are released."""
        for _ in range(5):
            id = interpreters.create(isolated=True)
            interpreters.run_string(id, "import _md5, _sha3, _blake2, builtins\n"
                                        "for f in _md5.md5, _sha3.sha3_256, _blake2.blake2b:\n"
                                        "    cycle = [f(b'x' * 5000)]\n"
                                        "    cycle.append(cycle)\n"
                                        "builtins.kept = _md5.md5(b'x' * 5000)\n")
            interpreters.destroy(id)


if __name__ == "__main__":
    unittest.main()
