"""Hash modules, which lie apart from the program: objects that threads share, interpreters."""

import _hashlib
import _xxsubinterpreters as interpreters
import hashlib
import importlib
import itertools
import subprocess
import sys
import sysconfig
import threading
import unittest

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

MODULES = ["_md5", "_sha1", "_sha2", "_sha3", "_blake2", "_hashlib"]


def constructors():
    """Yield (function, arguments of digest())."""
    for name in MODULES:
        module = importlib.import_module(name)
        for function in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224",
                         "sha3_512", "shake_128", "shake_256", "blake2b", "blake2s"):
            found = getattr(module, function, None) or getattr(module, "openssl_" + function, None)
            if found is not None:
                yield found, (40,) if "shake" in function else ()
    for name in "sm3", "BLAKE2S-256", "null":
        yield lambda data=b"", name=name: _hashlib.new(name, data), ()
    yield lambda data=b"": _hashlib.hmac_new(b"key", data, "sha256"), ()


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
            interpreters.run_string(id, "import _md5, _sha3, _blake2, _hashlib, builtins\n"
                                        "for f in (_md5.md5, _sha3.sha3_256, _blake2.blake2b,\n"
                                        "          _hashlib.openssl_sha256,\n"
                                        "          lambda m: _hashlib.hmac_new(m, m, 'sha256')):\n"
                                        "    cycle = [f(b'x' * 5000)]\n"
                                        "    cycle.append(cycle)\n"
                                        "builtins.kept = _md5.md5(b'x' * 5000)\n")
            interpreters.destroy(id)

    def test_names(self):
        """Python's names and those of libcrypto mean the same functions."""
        for name in _hashlib.openssl_md_meth_names:
            for secure in (True, False):
                made = _hashlib.new(name, b"abc", usedforsecurity=secure)
                self.assertEqual(made.name, name)
        for name, other in (("sha256", "SHA2-256"), ("blake2b", "BLAKE2b512"),
                            ("shake_128", "SHAKE128"), ("sha512_256", "SHA512-256")):
            self.assertEqual(_hashlib.new(other).name, name)
        for name in ("nope", "", "x" * 100000, "sha256\n", "SHA3-256:-fips"):
            self.assertRaises(_hashlib.UnsupportedDigestmodError, _hashlib.new, name)
        for name in ("sha256\0", "\ud800", None):
            self.assertRaises(TypeError, _hashlib.new, name)

    def test_extendable_lengths(self):
        made = _hashlib.new("shake_128", b"abc")
        self.assertEqual(made.digest(0), b"")
        self.assertTrue(made.digest(100000).startswith(made.digest(10)))
        for length in (-1, -sys.maxsize, sys.maxsize, 2 ** 70):
            for method in (made.digest, made.hexdigest):
                self.assertRaises((ValueError, OverflowError, MemoryError), method, length)

    def test_hmac(self):
        """hmac_digest() and objects agree with the definition of RFC 2104, for keys of any size."""
        for name in _hashlib._constructors.values():
            if "shake" in name:
                self.assertRaises(ValueError, _hashlib.hmac_new, b"", b"", name)
                continue
            block = hashlib.new(name).block_size
            for key in (b"", b"k", b"k" * block, b"k" * (block + 1), b"k" * 5000):
                padded = (hashlib.new(name, key).digest() if len(key) > block else key)
                padded = padded.ljust(block, b"\0")
                inner = hashlib.new(name, bytes(c ^ 0x36 for c in padded) + b"message").digest()
                result = hashlib.new(name, bytes(c ^ 0x5c for c in padded) + inner).digest()
                self.assertEqual(_hashlib.hmac_digest(key, b"message", name), result)
                parts = _hashlib.hmac_new(key, b"mess", name)
                copy = parts.copy()
                parts.update(b"age")
                self.assertEqual(parts.digest(), result)
                copy.update(b"age")
                self.assertEqual(copy.hexdigest(), result.hex())

    @ladon_support.needs_failing_allocations
    def test_memory_errors(self):
        """Each allocation of Python's may fail (libcrypto has its own)."""
        def action():
            sys.modules.pop("_hashlib")
            module = importlib.import_module("_hashlib")
            for name in ("sha256", "shake_128"):
                made = module.new(name, b"abc").copy()
                made.hexdigest(*((5,) if "shake" in name else ()))
            module.hmac_new(b"k", b"m" * 5000, module.openssl_md5).copy().hexdigest()
            module.pbkdf2_hmac("sha1", b"p", b"s", 1)
            module.scrypt(b"p", salt=b"s", n=2, r=1, p=1)

        self.addCleanup(sys.modules.__setitem__, "_hashlib", _hashlib)
        lost, number = ladon_support.lost_blocks(
            action, (MemoryError, RuntimeError),        # "can't allocate lock" of import
            numbers=itertools.chain(range(1, 300), itertools.count(300, 10)),
            prepare=lambda: sys.modules.__setitem__("_hashlib", _hashlib))
        self.assertGreater(number, 100)
        self.assertLess(lost, 200)


if __name__ == "__main__":
    unittest.main()
