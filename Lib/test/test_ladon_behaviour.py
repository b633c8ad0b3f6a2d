"""Behaviour that users meet and that CPython's own tests leave open: what the program prints, what
its options do, what tracing tools see.  Each case was compared with CPython 3.12.1."""

import codecs
import contextvars
import gc
import io
import os
import random
import re
import subprocess
import sys
import sysconfig
import tempfile
import traceback
import unittest


def run(*args, text=None, **env):
    """Run this Python with a clean environment; (status, stdout, stderr)."""
    full = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **env}
    done = subprocess.run([sys.executable, *args], input=text, capture_output=True, text=True,
                          env=full, timeout=60, stdin=None if text is not None
                          else subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


class CommandLineTest(unittest.TestCase):
    """Options, variables and the ends of programs."""

    def test_flag_variables(self):
        """A flag variable of 0 is off, another number or text is on."""
        code = "import sys; print(sys.flags.dont_write_bytecode, sys.flags.no_user_site)"
        for value, shown in ("0", "0 0"), ("1", "1 1"), ("x", "1 1"), ("", "0 0"):
            _, out, _ = run("-c", code, PYTHONDONTWRITEBYTECODE=value, PYTHONNOUSERSITE=value)
            self.assertEqual(out.strip(), shown)

    def test_failed_starts(self):
        """A bad option or variable: status 1, and 3.12's message with its function and state."""
        digits = "config_init_int_max_str_digits: %s: invalid limit; must be >= 640 or 0"
        for args, env, message, state in (
            (["-X", "utf8=2"], {}, "preconfig_init_utf8_mode: invalid -X utf8 option value",
             "preinitializing"),
            ([], {"PYTHONUTF8": "2"},
             "preconfig_init_utf8_mode: invalid PYTHONUTF8 environment variable value",
             "preinitializing"),
            ([], {"PYTHONMALLOC": "x"}, "preconfig_init_allocator: PYTHONMALLOC: unknown allocator",
             "preinitializing"),
            ([], {"PYTHONHASHSEED": "x"}, "config_init_hash_seed: PYTHONHASHSEED must be",
             "preinitialized"),
            (["-X", "int_max_str_digits=5"], {}, digits % "-X int_max_str_digits",
             "preinitialized"),
            ([], {"PYTHONINTMAXSTRDIGITS": "x"}, digits % "PYTHONINTMAXSTRDIGITS",
             "preinitialized"),
            (["-X", "tracemalloc=x"], {}, "config_init_tracemalloc: -X tracemalloc=NFRAME: invalid",
             "preinitialized"),
        ):
            status, _, err = run(*args, "-c", "pass", **env)
            self.assertEqual(status, 1)
            self.assertTrue(err.startswith("Fatal Python error: " + message), err)
            self.assertIn(f"\nPython runtime state: {state}\n", err)

    def test_help(self):
        """The help texts name all options, -X options and variables."""
        _, out, _ = run("-h")
        options = re.findall(r"^(--?[\w-]+)", out, re.MULTILINE)
        self.assertEqual(" ".join(options),
                         "-b -B -c -d -E -h -i -I -m -O -OO -P -q -s -S -u -v -V -W -x -X "
                         "--check-hash-based-pycs --help-env --help-xoptions --help-all")
        _, out, _ = run("--help-xoptions")
        self.assertEqual(sorted(re.findall(r"^-X (\w+)", out, re.MULTILINE)), [
            "bare", "dev", "faulthandler", "frozen_modules", "importtime", "int_max_str_digits",
            "no_debug_ranges", "perf", "pycache_prefix", "showrefcount", "tracemalloc", "utf8",
            "warn_default_encoding"])
        _, env, _ = run("--help-env")
        for name in """STARTUP PATH HOME PLATLIBDIR CASEOK UTF8 IOENCODING FAULTHANDLER HASHSEED
                       INTMAXSTRDIGITS MALLOC COERCECLOCALE BREAKPOINT DEVMODE PYCACHEPREFIX
                       WARNDEFAULTENCODING NODEBUGRANGES DEBUG DONTWRITEBYTECODE INSPECT
                       NOUSERSITE OPTIMIZE SAFEPATH UNBUFFERED VERBOSE WARNINGS""".split():
            self.assertRegex(env, rf"(?m)^PYTHON{name}\b")
        _, everything, _ = run("--help-all")
        self.assertIn(env, everything)
        self.assertIn(out, everything)

    def test_hash_randomisation(self):
        """-R undoes PYTHONHASHSEED=0."""
        code = "import sys; print(sys.flags.hash_randomization)"
        self.assertEqual(run("-c", code, PYTHONHASHSEED="0")[1], "0\n")
        self.assertEqual(run("-R", "-c", code, PYTHONHASHSEED="0")[1], "1\n")

    def test_stream_encodings(self):
        """Encodings carry their codec's name; an unknown one is an error of status 1."""
        code = "import sys; print(sys.stdout.encoding, sys.getfilesystemencoding())"
        self.assertEqual(run("-c", code)[1], "utf-8 utf-8\n")
        self.assertEqual(run("-c", code, PYTHONIOENCODING="Latin-1")[1], "iso8859-1 utf-8\n")
        status, _, err = run("-c", code, PYTHONIOENCODING="nonsense")
        self.assertEqual(status, 1)
        self.assertIn("LookupError: unknown encoding: nonsense", err)

    def test_prompt(self):
        """The end of input is answered by a newline; a line without one is asked to go on."""
        _, out, err = run("-iq", text="5\n")
        self.assertEqual((out, err), ("5\n", ">>> >>> \n"))
        _, out, err = run("-iq", text="if 1:\n  7")
        self.assertEqual((out, err), ("7\n", ">>> ... ... \n>>> \n"))

    def test_import_errors(self):
        """Tracebacks of failed imports do not show importlib, unless -v asks for it."""
        status, _, err = run("-c", "import no_such_module")
        self.assertEqual(status, 1)
        self.assertNotIn("importlib", err)
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "fails.py"), "w", encoding="utf-8") as file:
                file.write("def f():\n    1/0\nf()\n")
            _, _, err = run("-c", "import fails", PYTHONPATH=folder)
        self.assertNotIn("importlib", err)
        self.assertEqual(err.count("  File "), 3)

    def test_import_time(self):
        """-X importtime prints a table, inner modules first and indented."""
        _, _, err = run("-X", "importtime", "-c", "import json")
        rows = [line for line in err.splitlines() if line.startswith("import time:")]
        self.assertEqual(rows[0], "import time: self [us] | cumulative | imported package")
        names = [row.split("|")[2] for row in rows]
        self.assertIn("   json.decoder", names)
        self.assertLess(names.index("   json.decoder"), names.index(" json"))

    def test_exit_finalizes_main(self):
        """Objects of a script that ends by SystemExit are finalized with a working print()."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "script.py")
            with open(path, "w", encoding="utf-8") as file:
                file.write("class A:\n    def __del__(self): print('deleted')\n"
                           "a = A()\na.me = a\nraise SystemExit(3)\n")
            status, out, _ = run(path)
        self.assertEqual((status, out), (3, "deleted\n"))

    def test_exit_functions(self):
        """Exit functions cannot start threads."""
        _, out, err = run("-c", "import atexit, _thread\n"
                          "atexit.register(_thread.start_new_thread, print, (1,))")
        self.assertEqual(out, "")
        self.assertIn("can't create new thread at interpreter shutdown", err)

    def test_keyboard_interrupt(self):
        """Not caught in a module run by -m, it ends the process by the signal."""
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "stops.py"), "w", encoding="utf-8") as file:
                file.write("raise KeyboardInterrupt\n")
            status, _, _ = run("-m", "stops", PYTHONPATH=folder)
        self.assertEqual(status, -2)

    def test_closed_stdout(self):
        """What cannot be written is reported once, with status 120."""
        status, _, err = run("-c", "import os; os.close(1); print(5)")
        self.assertEqual(status, 120)
        self.assertEqual(err.count("Bad file descriptor"), 1)

    def test_unknown_executable(self):
        """A program started under a name that is no file finds its library, not its name."""
        done = subprocess.run(["nonexistent", "-c", "import os, sys; print([sys.executable])"],
                              executable=sys.executable, capture_output=True, text=True,
                              env={"PATH": "/usr/bin:/bin"}, cwd="/", timeout=60)
        self.assertEqual(done.stdout, "['']\n", done.stderr)

    def test_path_file(self):
        """Lines of a ._pth file are sys.path; it cuts off the environment, and site by default."""
        library = os.path.dirname(os.__file__)
        code = ("import sys; print(sys.path); f = sys.flags; print(f.isolated, "
                "f.ignore_environment, f.no_site, f.safe_path); print(sys.prefix)")
        with tempfile.TemporaryDirectory() as folder:
            folder = os.path.realpath(folder)
            program = os.path.join(folder, "python")
            os.symlink(sys.executable, program)
            for text, paths, no_site, message in (
                (f"{library}\n# no\n\n a/../b # c\r\n", [library, folder + "/b"], 1, ""),
                (f"{library}\n/{'x' * 5000}", [library, "/" + "x" * 5000], 1, ""),
                (f"{library}\nimport os\n", [library], 1,
                 "unsupported 'import' line in ._pth file\n"),
                (f"{library}\nimport site # yes\n", None, 0, ""),
            ):
                with open(program + "._pth", "w", encoding="utf-8") as file:
                    file.write(text)
                done = subprocess.run([program, "-c", code], capture_output=True, text=True,
                                      env={"PYTHONPATH": "/e", "PYTHONHOME": "/e"}, timeout=60)
                self.assertEqual(done.stderr, message)
                found, flags, prefix = done.stdout.splitlines()
                self.assertEqual((flags, prefix), (f"1 1 {no_site} True", folder))
                if paths is not None:
                    self.assertEqual(found, str(paths))

    def test_config_variables(self):
        """The Makefile that sysconfig names holds the variables that sysconfig has."""
        makefile = sysconfig.get_makefile_filename()
        self.assertEqual(sysconfig.get_config_var("srcdir"), os.path.dirname(makefile))
        found = sysconfig._parse_makefile(makefile)
        for name in "EXT_SUFFIX", "LDSHARED", "LDFLAGS", "SIZEOF_LONG":
            self.assertEqual(found[name], sysconfig.get_config_var(name))


class TracebackTest(unittest.TestCase):
    """Tracebacks that the interpreter prints itself."""

    def test_markers_under_wide_characters(self):
        """A wide or fullwidth character counts two columns, as traceback.py counts it."""
        for text, width in (("ab", 2), ("\xe9\xe9", 2), ("\uff57\uff71", 3),
                            ("\u8bf4\U0001f40d", 4)):
            with self.subTest(text=text), tempfile.TemporaryDirectory() as tmp:
                name = os.path.join(tmp, "prog.py")
                with open(name, "w", encoding="utf-8") as file:
                    file.write(f"'{text}'; 1/0\n")
                done = subprocess.run([sys.executable, "-X", "utf8", name], capture_output=True,
                                      encoding="utf-8")
                self.assertEqual(done.stderr.splitlines()[3], " " * (4 + width + 4) + "~^~")


class TracingTest(unittest.TestCase):
    """What tracers and monitoring tools see."""

    def test_failing_tracer(self):
        """The frame whose event failed is in the traceback once."""
        def traced():
            len([])

        def tracer(frame, event, arg):
            if event == "line" and frame.f_code is traced.__code__:
                raise LookupError
            return tracer

        sys.settrace(tracer)
        try:
            traced()
        except LookupError as exc:
            names = [entry.name for entry in traceback.extract_tb(exc.__traceback__)]
        finally:
            sys.settrace(None)
        self.assertEqual(names, ["test_failing_tracer", "traced", "tracer"])

    def test_jump_has_no_line_event(self):
        """The line that a tracer jumps to is not announced again."""
        lines = []

        def traced():
            a = b = 1
            b = 2
            return a + b

        first = traced.__code__.co_firstlineno

        def tracer(frame, event, arg):
            if frame.f_code is traced.__code__ and event == "line":
                lines.append(frame.f_lineno - first)
                if lines == [1, 2]:
                    frame.f_lineno = first + 1
            return tracer

        sys.settrace(tracer)
        try:
            self.assertEqual(traced(), 3)
        finally:
            sys.settrace(None)
        self.assertEqual(lines, [1, 2, 2, 3])

    def test_super_events(self):
        """super().m() is a call of super and one of the bound method."""
        class A:
            def m(self, x):
                return x

        class B(A):
            def m(self):
                return super().m(7)

        seen = []
        mon = sys.monitoring
        mon.use_tool_id(0, "test")
        try:
            mon.register_callback(0, mon.events.CALL,
                                  lambda code, at, what, arg: seen.append((what, arg)))
            mon.set_local_events(0, B.m.__code__, mon.events.CALL)
            b = B()
            self.assertEqual(b.m(), 7)
        finally:
            mon.set_local_events(0, B.m.__code__, 0)
            mon.register_callback(0, mon.events.CALL, None)
            mon.free_tool_id(0)
        self.assertEqual(seen, [(super, mon.MISSING), (super(B, b).m, 7)])


class LibraryTest(unittest.TestCase):
    """Single results."""

    def test_codec_names(self):
        """Search functions get lower-case ASCII words, with underscores between them."""
        names = []
        codecs.register(names.append)
        self.addCleanup(codecs.unregister, names.append)
        for name in "QQ-A \xe9 \u20ac1", "_qq_", "QQ..2-+.", "\u0661":
            self.assertRaisesRegex(LookupError, "unknown encoding: .", codecs.lookup, name)
        self.assertEqual(names, ["qq_a_1", "qq", "qq..2_.", ""])
        self.assertEqual("\xe9".encode("UTF \u20ac8"), b"\xc3\xa9")

    def test_items_without_size(self):
        """A memoryview of structures without fields can be cast."""
        try:
            import ctypes
        except ImportError:
            self.skipTest("needs ctypes")

        class Empty(ctypes.Structure):
            pass

        view = memoryview((Empty * 3)())
        self.assertEqual((view.shape, view.itemsize, view.nbytes), ((3,), 0, 0))
        self.assertEqual(view.cast("B").shape, (0,))

    def test_allocation_statistics(self):
        """sys._debugmallocstats() shows pools and free lists."""
        _, _, err = run("-c", "import sys; sys._debugmallocstats()")
        self.assertRegex(err, r"(?s)Small block threshold.*\d+ free PyDictObjects \* 48 bytes each")

    def test_sum_overflow(self):
        """A sum that leaves the machine's ints at any item."""
        for start in range(2**63 - 12, 2**63 + 3):
            self.assertEqual(sum(range(10), start), start + 45)
            self.assertEqual(sum([-5] * 4, -start), -start - 20)

    def test_subclass_of_a_class_in_use(self):
        """__getattribute__ without __getattr__ is called by a shorter way after the first time."""
        class Base:
            def __getattribute__(self, name):
                return name, object.__getattribute__(self, name)

        Base().__doc__

        class Derived(Base):
            pass

        self.assertEqual(Derived().__doc__, ("__doc__", None))
        Base.__getattr__ = lambda self, name: "other"
        self.assertEqual((Derived().nothing, Base().nothing), ("other", "other"))

    def test_utf16_without_positions(self):
        """A stream that cannot seek gets no byte order mark, another gets one."""
        read, write = os.pipe()
        with open(write, "w", encoding="UTF-16") as stream:
            stream.write("a")
        with open(read, "rb") as stream:
            self.assertEqual(stream.read(), "a".encode("utf-16")[2:])
        buffer = io.BytesIO()
        stream = io.TextIOWrapper(buffer, encoding="utf-16")
        stream.write("a")
        stream.flush()
        self.assertEqual(buffer.getvalue(), "a".encode("utf-16"))

    def test_cut_surrogate(self):
        """Two bytes of a surrogate wait for the third."""
        data = "\ud901".encode("utf-8", "surrogatepass")
        import codecs
        for cut in 1, 2:
            decoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")
            self.assertEqual(decoder.decode(data[:cut]), "")
            self.assertEqual(decoder.decode(data[cut:], True), "\ud901")

    def test_context_map(self):
        """The persistent map under contexts against dict, with many equal hashes."""
        context = contextvars.copy_context()
        Map = next(type(o) for o in gc.get_referents(context) if type(o).__name__ == "hamt")

        class Key:
            def __init__(self, hash_, number):
                self.hash, self.number = hash_, number

            def __hash__(self):
                return self.hash

            def __eq__(self, other):
                return (self.hash, self.number) == (other.hash, other.number)

        rng = random.Random(12)
        for bits in 1, 4, 12, 40, 61:
            keys = [(rng.getrandbits(bits), rng.randrange(3)) for _ in range(60)]
            trie, model, past = Map(), {}, []
            for step in range(600):
                key = Key(*rng.choice(keys))
                if rng.random() < 0.55:
                    value = object()
                    trie, model = trie.set(key, value), {**model, key: value}
                elif key in model:
                    trie = trie.delete(key)
                    model = {k: v for k, v in model.items() if k != key}
                else:
                    self.assertIs(trie.delete(key), trie)
                self.assertEqual(key in trie, key in model)
                if step % 60 == 0:
                    past.append((trie, model))
            for trie, model in past:
                self.assertEqual(len(trie), len(model))
                self.assertEqual(dict(trie.items()), model)


if __name__ == "__main__":
    unittest.main()
