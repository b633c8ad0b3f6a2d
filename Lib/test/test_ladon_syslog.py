"""syslog: the name in front of messages, and who may open the log; _crypt from many threads."""

import _xxsubinterpreters as interpreters
import subprocess
import sys
import syslog
import threading
import unittest

try:
    import _crypt
except ImportError:
    _crypt = None

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest


def run(code, *args):
    """Return what a program writes to stderr, where LOG_PERROR puts messages."""
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True,
                          check=True)
    return done.stderr.splitlines()


class SyslogTests(unittest.TestCase):
    def setUp(self):
        self.addCleanup(syslog.closelog)

    def test_messages(self):
        """Names live as long as they are needed."""
        found = run("""if 1:
            import gc, syslog, sys
            option = syslog.LOG_PERROR
            syslog.openlog("".join(["na", "me"]), option)
            gc.collect()
            syslog.syslog("one %s")
            syslog.syslog(syslog.LOG_ERR | syslog.LOG_MAIL, "two")
            syslog.openlog("x" * 1000, option)
            syslog.syslog("three")
            sys.argv[0] = "/a/program"
            syslog.openlog(logoption=option)
            del sys.modules["syslog"], syslog
            gc.collect()
            import syslog
            syslog.syslog("four")
            syslog.setlogmask(syslog.LOG_UPTO(syslog.LOG_ERR))
            syslog.syslog("not written")
            syslog.closelog()
            syslog.syslog("not open: not on stderr")
            """)
        self.assertEqual(found, ["name: one %s", "name: two", "x" * 1000 + ": three",
                                 "program: four"])

    def test_default_name(self):
        for argv in ("['']", "[]", "[3]", "None", "['a/']"):
            run(f"import syslog, sys; sys.argv = {argv}; syslog.syslog('text')")
        self.assertEqual(run("import syslog, sys; sys.argv = ['\\udc80']\n"
                             "try: syslog.syslog('text')\n"
                             "except UnicodeEncodeError: print('error', file=sys.stderr)"),
                         ["error"])

    def test_interpreters(self):
        """Others than the main interpreter write while the log is open."""
        def check(open):
            for isolated in (True, False):
                interp = interpreters.create(isolated=isolated)
                try:
                    interpreters.run_string(interp, f"""if 1:
                        import syslog
                        calls = [lambda: syslog.openlog("x"), syslog.closelog]
                        if {open}:
                            syslog.syslog("text")
                        else:
                            calls.append(lambda: syslog.syslog("text"))
                        for call in calls:
                            try:
                                call()
                            except RuntimeError:
                                pass
                            else:
                                raise AssertionError
                        """)
                finally:
                    interpreters.destroy(interp)
        check(False)
        syslog.openlog("test")
        check(True)
        syslog.closelog()
        check(False)

    def test_threads(self):
        """Messages while the log gets another name, from threads and interpreters."""
        def work():
            for i in range(300):
                if i % 3:
                    syslog.syslog("text")
                else:
                    syslog.openlog(f"name{i}")

        syslog.openlog("test")
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        ladon_support.run_in_interpreters("import syslog\n"
                                          "for _ in range(300):\n"
                                          "    syslog.syslog('text')\n", 1)
        for thread in threads:
            thread.join()

    @ladon_support.needs_failing_allocations
    def test_no_memory(self):
        def action():
            syslog.openlog("".join(["na", "me"]))
            syslog.syslog("text")
            syslog.closelog()
            syslog.syslog("text")
            syslog.closelog()

        lost, number = ladon_support.lost_blocks(action)
        self.assertLess(lost, 20)
        self.assertGreater(number, 3)


@unittest.skipIf(_crypt is None, "needs _crypt")
@unittest.skipIf(ladon_support.has_sanitizer("asan") or ladon_support.has_sanitizer("tsan"),
                 "the sanitizer puts NULL in the place of a crypt_r() that is loaded later")
class CryptTests(unittest.TestCase):
    def test_threads(self):
        """Hashes are of one's own word."""
        def work(word):
            for _ in range(20):
                found.add((word, _crypt.crypt(word, "$6$rounds=1000$salt")))

        words, found = ["one", "tw\xf6", "x" * 100], set()
        threads = [threading.Thread(target=work, args=(word,)) for word in words]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(found), 3)
        ladon_support.run_in_interpreters(
            "import _crypt\n"
            f"assert _crypt.crypt('one', '$6$rounds=1000$salt') == {dict(found)['one']!r}\n", 3)

    def test_wrong(self):
        for args in (("\0", "ab"), ("a", "\0")):
            self.assertRaises(ValueError, _crypt.crypt, *args)
        self.assertRaises(UnicodeEncodeError, _crypt.crypt, "\udc80", "ab")
        for salt in ("", "$99$x", "!"):
            try:
                self.assertEqual(_crypt.crypt("word", salt)[0], "*")    # how libxcrypt says no
            except OSError:
                pass

    @ladon_support.needs_failing_allocations
    def test_no_memory(self):
        lost, number = ladon_support.lost_blocks(lambda: _crypt.crypt("word", "ab"))
        self.assertLess(lost, 20)
        self.assertGreater(number, 1)


if __name__ == "__main__":
    unittest.main()
