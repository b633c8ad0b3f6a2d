"""Births of isolated interpreters: what they cost, and that their lazy parts are not seen.

Issue "Foundations", point 8 (memory), and InternalDocs/lifecycle.rst.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest
import zipfile

import _xxinterpchannels as channels
import _xxsubinterpreters as interpreters

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

MIB = 1024


def private_kib():
    """Return the private memory of this process in KiB."""
    with open("/proc/self/smaps_rollup", encoding="ascii") as file:
        for line in file:
            if line.startswith("Private_Dirty:"):
                return int(line.split()[1])
    raise RuntimeError("no Private_Dirty in /proc/self/smaps_rollup")


def python(*args, env=None):
    """Run a fresh interpreter; return its output and errors together."""
    done = subprocess.run([sys.executable, *args], stdout=subprocess.PIPE, text=True, timeout=120,
                          stderr=subprocess.STDOUT, env={**os.environ, **(env or {})})
    return done.stdout


def in_new(code, *options, env=None):
    """Run code in an isolated interpreter of a fresh process; return what it printed."""
    code = textwrap.dedent(code)
    return python(*options, "-c", "import _xxsubinterpreters as i; x = i.create()\n"
                  f"i.run_string(x, {code!r}); i.destroy(x)", env=env)


class Births(unittest.TestCase):
    def evaluate(self, code, shared=None):
        """Run code in a new interpreter; return what it assigned to `result`."""
        interp, cid = interpreters.create(), channels.create()
        try:
            code = textwrap.dedent(code) + "\nimport _xxinterpchannels as c; c.send(cid, result)"
            interpreters.run_string(interp, code, {"cid": int(cid), **(shared or {})})
            return channels.recv_wait(cid, 10)
        finally:
            interpreters.destroy(interp)
            channels.destroy(cid)


@unittest.skipIf(ladon_support.has_sanitizer("tsan"), "ThreadSanitizer's notes are memory, too")
class MemoryTests(Births):
    def alive(self, code, count=50):
        """Return KiB of private memory for each of `count` living interpreters that ran code."""
        living = []
        try:
            before = private_kib()
            for _ in range(count):
                living.append(interpreters.create())
                interpreters.run_string(living[-1], code)
            return (private_kib() - before) / count
        finally:
            for interp in living:
                interpreters.destroy(interp)

    def test_at_most_one_mebibyte(self):
        self.alive("pass", 5)
        self.assertLessEqual(self.alive("x = [1, 2, 3]"), MIB)
        self.assertLessEqual(self.alive("import sys; sys.stdout.flush()"), MIB)

    def test_small(self):
        """A debug build fills and guards blocks; else a quarter of a MiB is plenty."""
        if hasattr(sys, "gettotalrefcount"):
            self.skipTest("debug build")
        self.alive("pass", 5)
        self.assertLessEqual(self.alive("x = 1"), MIB / 4)

    def test_all_of_it_comes_back(self):
        def cycle(count):
            for _ in range(count):
                interp = interpreters.create()
                interpreters.run_string(interp, "import sys; sys.stdout; x = list(range(1000))")
                interpreters.destroy(interp)

        cycle(100)
        before = private_kib()
        cycle(1000)
        self.assertLess(private_kib() - before, MIB + ladon_support.QUARANTINE)

    def test_a_thousand_alive(self):
        def generation():
            living = [interpreters.create() for _ in range(1000)]
            for number, interp in enumerate(living):
                interpreters.run_string(interp, f"x = {number}; assert x == {number}")
            for interp in living:
                interpreters.destroy(interp)

        generation()
        before = private_kib()
        generation()
        self.assertLess(private_kib() - before, 8 * MIB + ladon_support.QUARANTINE)


class StreamTests(Births):
    NAMES = "('stdin', 'stdout', 'stderr', '__stdin__', '__stdout__', '__stderr__')"
    MADE = "'TextIOWrapper' in [type(o).__name__ for o in __import__('gc').get_objects()]"

    def test_made_when_looked_at(self):
        self.assertEqual(self.evaluate(f"import sys; result = {self.MADE}"), False)
        interp = interpreters.create()
        interpreters.run_string(interp, "import sys\nfor i in range(1000): sys.path")    # warm
        interpreters.run_string(interp, f"import sys; assert not {self.MADE}")
        interpreters.destroy(interp)
        for look in ("sys.stdout", "sys.__stderr__", "vars(sys)", "sys.__dict__", "dir(sys)",
                     "getattr(sys, 'std' + 'in')", "hasattr(sys, 'stderr')", "print(end='')",
                     "sys.displayhook(None) or sys.stdin"):
            with self.subTest(look):
                code = f"import sys; {look}; result = {self.MADE}"
                self.assertTrue(self.evaluate(code))

    def test_all_names(self):
        self.assertEqual(self.evaluate(f"""
            import sys
            result = (all(name in vars(sys) for name in {self.NAMES}),
                      all(name in dir(sys) for name in {self.NAMES}),
                      sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__,
                      sys.stdin is sys.__stdin__, sys.stdout.encoding, sys.stderr.errors)
            """), (True,) * 5 + (sys.__stdout__.encoding, "backslashreplace"))

    def test_assigned_before(self):
        self.assertEqual(self.evaluate(f"""
            import sys
            class Writer:
                text = ""
                def write(self, text):
                    self.text += text
                def flush(self):
                    pass
            sys.stdout = writer = Writer()
            print("hello")
            early = {self.MADE}
            result = (writer.text, early, sys.__stdout__.name, sys.stdout is writer,
                      sys.stderr is sys.__stderr__)
            """), ("hello\n", False, "<stdout>", True, True))

    def test_deleted(self):
        self.assertEqual(self.evaluate("""
            import sys
            del sys.stdout
            try:
                print("x")
            except RuntimeError as error:
                result = (str(error), hasattr(sys, "stdout"), hasattr(sys, "__stdout__"))
            """), ("lost sys.stdout", False, True))

    def test_without_their_module(self):
        """The streams do not import what 3.12 makes them with; what they give is the same."""
        self.assertEqual(self.evaluate("""
            import sys
            sys.stdout.flush()
            early = [name for name in ("io", "_io", "encodings") if name in sys.modules]
            import io
            result = (len(early), type(sys.stdout) is io.TextIOWrapper,
                      isinstance(sys.stdout, io.TextIOBase),
                      isinstance(sys.stdin.buffer, io.IOBase))
            """), (0, True, True, True))
        out = in_new("import sys\ntry:\n    sys.stdout.read()\nexcept OSError as error:\n"
                     "    print(type(error), error)")
        self.assertEqual(out, "<class 'io.UnsupportedOperation'> not readable\n")

    def test_input(self):
        code = ("import _xxsubinterpreters as i; x = i.create()\n"
                "i.run_string(x, 'import sys; print(ascii(sys.stdin.readline()), input(), "
                "repr(sys.stdin.read()), sys.stdin.readline())')")
        done = subprocess.run([sys.executable, "-X", "utf8", "-c", code], input="\xe9\nb\nc",
                              stdout=subprocess.PIPE, encoding="utf-8", timeout=120)
        self.assertEqual(done.stdout, "'\\xe9\\n' b 'c' \n")

    def test_change_of_the_encoding(self):
        out = in_new("""
            import sys
            sys.stdout.reconfigure(encoding="utf-16-le")
            print("a")
            """)
        self.assertEqual(out, "a\0\n\0")

    def test_threads_look_at_once(self):
        code = """
            import sys, _thread, time
            seen = []
            def look():
                seen.append(sys.stdout)
            for _ in range(8):
                _thread.start_new_thread(look, ())
            end = time.monotonic() + 10
            while len(seen) < 8 and time.monotonic() < end:
                time.sleep(0.001)
            result = (len(seen), len(set(map(id, seen))))
            """
        self.assertEqual(self.evaluate(code), (8, 1))

    def test_output_is_flushed_at_the_end(self):
        self.assertEqual(in_new("print('one'); print('two', end='')"), "one\ntwo")
        self.assertEqual(in_new("import sys; sys.stderr.write('err')"), "err")
        self.assertEqual(in_new("pass"), "")

    def test_messages_of_the_end(self):
        """What dies when the interpreter ends can still complain, streams or not."""
        code = """
            class Bad:
                def __del__(self):
                    raise ValueError('from the end')
            bad = Bad()
            """
        self.assertIn("ValueError: from the end", in_new(code))

    def test_open(self):
        self.assertEqual(self.evaluate("""
            import builtins, sys
            early = "_io" in sys.modules
            module = open.__self__.__name__
            import io, _io
            result = (early, module, io.open is open, _io.open is builtins.open, open.__module__,
                      repr(open), open.__self__ is _io)
            """), (False, "_io", True, True, "_io", "<built-in function open>", True))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "file")
            self.assertEqual(self.evaluate("""
                with open(path, "w") as file:
                    file.write("text")
                result = open(path).read()
                """, {"path": path}), "text")


class LateTests(Births):
    """importlib and what site adds to builtins are made at the first need, and nobody sees it."""

    MADE = "'ModuleSpec' in [c.__name__ for c in object.__subclasses__()]"

    def look(self, code):
        """Run code in a new interpreter; return what it assigned to `result`."""
        interp, cid = interpreters.create(), channels.create()
        try:
            interpreters.run_string(interp, textwrap.dedent(code) + "\nbefore = " + self.MADE)
            interpreters.run_string(interp, "import _xxinterpchannels as c\n"
                                    "c.send(cid, (before, result))", {"cid": int(cid)})
            return channels.recv_wait(cid, 10)
        finally:
            interpreters.destroy(interp)
            channels.destroy(cid)

    def test_not_made_without_need(self):
        code = """
            import sys, builtins
            from sys import path
            class C:
                def method(self):
                    return [locals() for x in range(3)], dir(), vars(self)
            C().method()
            sys.path.append(path.pop())
            try:
                undefined
            except NameError as error:
                pass
            exec("x = 1")
            sys.flags.optimize, open, len
            result = True
            """
        self.assertEqual(self.look(code), (False, True))

    def test_needs(self):
        for expression, value in {
                "exit.name": "exit", "type(help).__name__": "_Helper",
                "(lambda: type(credits).__name__)()": "_Printer",
                "hasattr(builtins, 'license')": True, "'quit' in vars(builtins)": True,
                "len(sys.meta_path) > 1": True, "sys.path_hooks != ()": True,
                "sys.path_importer_cache == None": False, "'_thread' in sys.modules": True,
                "'modules' in dir(sys)": True, "'__spec__' in sys.__dict__": True,
                "sys.__spec__.origin": "built-in", "builtins.__spec__.name": "builtins",
                "sys.__loader__.__name__": "BuiltinImporter",
                "repr(builtins)": "<module 'builtins' (built-in)>",
                "__loader__.__name__": "BuiltinImporter",
                "__import__('__main__').__loader__.__name__": "BuiltinImporter",
                "'__loader__' in globals()": True, "'__loader__' in locals()": True,
                "'__loader__' in vars()": True, "'__loader__' in dir()": True,
                "'exit' in sys._getframe().f_builtins": True,
                "__import__('time').__name__": "time",
                "__import__('colorsys').__name__": "colorsys"}.items():
            with self.subTest(expression):
                code = f"import sys, builtins; result = {expression}"
                self.assertEqual(self.look(code), (True, value))

    def test_made_at_once(self):
        """In the main interpreter, and with -v in others."""
        code = "import sys; print(__loader__.__name__, sys.__spec__.name, exit.name)"
        expected = "BuiltinImporter sys exit\n"
        self.assertEqual(python("-c", code), expected)
        self.assertIn(expected, in_new(code, "-v"))
        self.assertIn(expected, in_new(code, "-X", "importtime"))

    def test_assigned_before(self):
        self.assertEqual(self.look("""
            import sys, builtins
            builtins.exit = 1
            sys.meta_path = []
            try:
                import colorsys
            except ImportError as error:
                result = (exit, str(error), len(sys.meta_path))
            sys.meta_path.append(__loader__)
            """), (True, (1, "No module named 'colorsys'", 0)))
        self.assertEqual(self.look("""
            import sys
            del sys.path_hooks
            result = (hasattr(sys, "path_hooks"), "path_hooks" in sys.__dict__)
            """), (True, (False, False)))

    def test_threads_need_at_once(self):
        """All of them see everything, whoever makes it."""
        self.assertEqual(self.look("""
            import _thread, time
            seen = []
            def need(i):
                try:
                    seen.append((exit.name, __import__("colorsys").__name__))
                except BaseException as error:
                    seen.append(repr(error))
            for i in range(8):
                _thread.start_new_thread(need, (i,))
            end = time.monotonic() + 20
            while len(seen) < 8 and time.monotonic() < end:
                time.sleep(0.001)
            result = (len(seen), tuple(set(seen)))
            """), (True, (8, (("exit", "colorsys"),))))

    def test_an_exception_in_flight_survives(self):
        self.assertEqual(self.look("""
            class Manager:
                def __enter__(self):
                    pass
                def __exit__(self, kind, error, traceback):
                    exit.name
                    global inside
                    inside = kind.__name__
            try:
                with Manager():
                    1 / 0
            except ZeroDivisionError as error:
                result = (inside, str(error), error.__context__ is None)
            """), (True, ("ZeroDivisionError", "division by zero", True)))

    def test_nobody_traces_it(self):
        self.assertEqual(self.look("""
            import sys
            names = []
            sys.settrace(lambda frame, event, arg: names.append(frame.f_code.co_filename))
            def f():
                return exit.name
            f()
            sys.settrace(None)
            result = tuple(names)
            """), (True, ("<string>",)))


class SiteTests(unittest.TestCase):
    SHOW = """
        import sys, builtins
        names = ("quit", "exit", "copyright", "credits", "license", "help")
        print([repr(getattr(builtins, name, None)) for name in names])
        print(sys.path, sys.prefix, sys.exec_prefix, sys.flags)
        print([type(getattr(builtins, name, None)).__module__ for name in names])
        print(sorted(set(dir(builtins)) - {'_'}))
        print(callable(getattr(sys, "__interactivehook__", None)))
        """

    def both(self, *options, env=None):
        """Return what SHOW prints in the main interpreter and in a new one."""
        main = python(*options, "-c", textwrap.dedent(self.SHOW), env=env)
        return main, in_new(self.SHOW, *options, env=env)

    def test_as_in_main(self):
        main, other = self.both()
        self.assertEqual(main, other)
        self.assertIn("_sitebuiltins", other)

    def test_without_site(self):
        main, other = self.both("-S")
        self.assertEqual(main, other)
        self.assertNotIn("_sitebuiltins", other)

    def test_isolated(self):
        main, other = self.both("-I")
        self.assertEqual(main, other)
        self.assertTrue(other.endswith("False\n"), other)

    def test_interactive_hook(self):
        """The hook is there without site; a call makes site's own and calls that."""
        out = in_new("""
            import sys
            hook = sys.__interactivehook__
            print(hook.__name__, 'site' in sys.modules)
            hook()
            print(sys.__interactivehook__ is hook, sys.__interactivehook__.__module__)
            """)
        self.assertEqual(out, "register_readline False\nFalse site\n")

    def test_not_imported(self):
        code = "import sys; print('site' in sys.modules, exit.name); import site; print(exit.name)"
        self.assertEqual(in_new(code), "False exit\nexit\n")

    def test_path_of_the_program(self):
        """sys.path[0] is as in main; what the program does to sys.path later is its own affair."""
        with tempfile.TemporaryDirectory() as folder:
            script = os.path.join(folder, "script.py")
            with open(script, "w", encoding="utf-8") as file:
                file.write("import _xxsubinterpreters as i, sys; x = i.create()\n"
                           "print(sys.path[0])\n"
                           "i.run_string(x, 'import sys; print(sys.path[0])')\n")
            self.assertEqual(python(script).split(), [os.path.realpath(folder)] * 2)
        out = python("-c", "import sys; sys.path.append('/nowhere')\n"
                     "import _xxsubinterpreters as i; x = i.create()\n"
                     "i.run_string(x, 'import sys; print(\"/nowhere\" in sys.path)')")
        self.assertEqual(out, "False\n")

    def test_code_of_the_user(self):
        """.pth lines with code and usercustomize run in each interpreter."""
        with tempfile.TemporaryDirectory() as base:
            env = {"PYTHONUSERBASE": base}
            folder = python("-c", "import site; print(site.getusersitepackages())", env=env).strip()
            os.makedirs(folder)
            code = "import sys; print('site' in sys.modules, getattr(sys, 'marker', None))"
            pth = os.path.join(folder, "x.pth")
            with open(pth, "w", encoding="utf-8") as file:
                file.write(base + "\n")
            self.assertEqual(in_new("import sys; print(%r in sys.path)" % base, env=env), "True\n")
            self.assertEqual(in_new(code, env=env), "False None\n")
            with open(pth, "w", encoding="utf-8") as file:
                file.write("import sys; sys.marker = 'pth'\n")
            self.assertEqual(in_new(code, env=env), "True pth\n")
            os.remove(pth)
            path = os.path.join(folder, "usercustomize.py")
            with open(path, "w", encoding="utf-8") as file:
                file.write("import sys; sys.marker = 'user'\n")
            self.assertEqual(in_new(code, env=env), "True user\n")


class FrozenTests(unittest.TestCase):
    """Modules that are frozen here and not in 3.12 look as if imported from their files."""

    CODE = """
        import encodings, encodings.utf_8, importlib._abc, importlib.util, inspect, sys, warnings
        for f in (encodings.normalize_encoding, encodings.utf_8.decode, warnings.formatwarning,
                  importlib._abc.Loader.load_module):
            module = sys.modules[f.__module__]
            spec = module.__spec__
            file = module.__file__
            assert file.endswith(".py"), file
            assert f.__code__.co_filename == file == spec.origin == inspect.getsourcefile(f), f
            assert inspect.getsource(f).startswith(("def ", "    def ")), f
            assert spec.has_location and spec.cached == module.__cached__, spec
            assert spec.cached == importlib.util.cache_from_source(file), spec
            assert type(spec.loader).__name__ == "SourceFileLoader", spec
            assert module.__loader__ is spec.loader
            assert not spec._initializing
        import os, codecs
        assert os.walk.__code__.co_filename == "<frozen os>"
        assert os.__spec__.origin == "frozen"
        print("fine")
        """

    def test_main(self):
        self.assertEqual(python("-c", textwrap.dedent(self.CODE)), "fine\n")

    def test_new_interpreter(self):
        self.assertEqual(in_new(self.CODE), "fine\n")
        self.assertEqual(in_new("import sys; sys.stdout\n" + textwrap.dedent(self.CODE)), "fine\n")

    def test_shadowed(self):
        """A file that stands before the library's is found, in every interpreter."""
        with tempfile.TemporaryDirectory() as folder:
            def write(name, text):
                path = os.path.join(folder, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                return path

            show = "import warnings; print(warnings.__file__)"
            script = write("script.py", show + "\nimport _xxsubinterpreters as i\n"
                           f"i.run_string(i.create(), {show!r})\n")
            library = python("-c", show)
            self.assertEqual(python(script), library * 2)
            write("warnings/data.txt", "a folder is no module, if there is one elsewhere")
            self.assertEqual(python(script), library * 2)
            mine = write("warnings.py", "")
            self.assertEqual(python(script), f"{mine}\n" * 2)
            self.assertEqual(python("-I", script), library * 2)
            show = "import encodings.latin_1; print(encodings.__file__, encodings.latin_1.__file__)"
            library = os.path.dirname(python("-c", show).split()[0])
            mine = os.path.join(folder, "path", "encodings")
            shutil.copytree(library, mine)
            self.assertEqual(python("-c", show, env={"PYTHONPATH": os.path.dirname(mine)}),
                             f"{mine}/__init__.py {mine}/latin_1.py\n")

    def test_path_entries(self):
        """Without the library's folder in the path nothing is found; archives are looked into."""
        with tempfile.TemporaryDirectory() as folder:
            archive = os.path.join(folder, "a.zip")
            with zipfile.ZipFile(archive, "w") as file:
                file.writestr("warnings.py", "")
            out = python("-c", textwrap.dedent(f"""
                import sys, zipimport
                saved = sys.path[:]
                for path in [], saved, [{folder!r}] + saved, [{archive!r}] + saved:
                    sys.path[:] = path
                    sys.modules.pop("warnings", None)
                    try:
                        import warnings
                        print(warnings.__file__)
                    except ModuleNotFoundError as error:
                        print(error)
                """)).splitlines()
        self.assertEqual(out[0], "No module named 'warnings'")
        self.assertEqual(out[1], out[2])
        self.assertEqual(os.path.basename(out[1]), "warnings.py")
        self.assertEqual(out[3], archive + "/warnings.py")

    def test_no_library(self):
        """A wrong PYTHONHOME is an error at the start, with what is needed to find the mistake."""
        out = python("-c", "print('runs')", env={"PYTHONHOME": "/nonexistent"})
        for text in ("PYTHONHOME = '/nonexistent'\n", "sys.path = [\n    '/nonexistent/lib/",
                     "ModuleNotFoundError: No module named 'encodings'\n",
                     "Fatal Python error: init_fs_encoding: failed to get the Python codec"):
            self.assertIn(text, out)
        self.assertNotIn("runs", out)

    def test_traceback(self):
        out = in_new("""
            import traceback, warnings
            try:
                warnings.filterwarnings("nonsense")
            except AssertionError:
                traceback.print_exc()
            """)
        self.assertIn("warnings.py\", line ", out)
        self.assertIn('assert action in ("error"', out)


class EncodingTests(unittest.TestCase):
    def test_names_are_the_codecs_own(self):
        code = "import sys; print(sys.stdout.encoding, sys.getfilesystemencoding())"
        for encoding, name in (("UTF-8", "utf-8"), ("Utf8", "utf-8"), ("latin1", "iso8859-1"),
                               ("US-ASCII", "ascii")):
            env = {"PYTHONIOENCODING": encoding, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "0"}
            with self.subTest(encoding):
                self.assertEqual(python("-c", code, env=env), f"{name} utf-8\n")
                self.assertEqual(in_new(code, env=env), f"{name} utf-8\n")

    def test_unknown(self):
        out = python("-c", "pass", env={"PYTHONIOENCODING": "nonsense"})
        self.assertIn("LookupError: unknown encoding: nonsense", out)
        self.assertIn("init_stdio_encoding", out)


class ClassTests(unittest.TestCase):
    """Slots of new classes follow their attributes, whatever the base."""

    def test_special_methods_and_bases(self):
        for base in (object, int, str, tuple, list, dict, set, frozenset, Exception, OSError, type,
                     property, float, bytes, bytearray):
            with self.subTest(base):
                plain = type(base)("Plain", (base,), {})
                name = "__" + "len__"       # not interned: made at run time
                sized = type(base)("Sized", (plain,), {name: lambda self: 7})
                below = type(base)("Below", (sized,), {})
                instance = below("x", (), {}) if base is type else below()
                self.assertEqual(len(instance), 7)
                self.assertEqual(hasattr(plain, "__len__"), hasattr(base, "__len__"))
                self.assertEqual(bool(plain.__iter__) if hasattr(plain, "__iter__") else False,
                                 hasattr(base, "__iter__"))
                below.__len__ = lambda self: 9
                self.assertEqual(len(instance), 9)

    def test_unhashable_and_iterators(self):
        class Equal:
            def __eq__(self, other):
                return True

        class Below(Equal):
            pass

        class Again(Below):
            __hash__ = object.__hash__

        class Iterator:
            def __iter__(self):
                return self

        self.assertRaises(TypeError, hash, Equal())
        self.assertRaises(TypeError, hash, Below())
        self.assertIsInstance(hash(Again()), int)
        self.assertRaises(TypeError, next, Iterator())
        self.assertRaises(TypeError, iter, Iterator())


class NoMemoryTests(unittest.TestCase):
    @ladon_support.needs_failing_allocations
    def test_first_import(self):
        """The first import fails without memory at many places; the next one finds everything."""
        def prepare():
            nonlocal interp
            if interp is not None:
                interpreters.destroy(interp)
            interp = interpreters.create()

        def check():
            interpreters.run_string(interp, "import colorsys, sys\n"
                                    "assert len(sys.meta_path) == 3, sys.meta_path\n"
                                    "assert len(sys.path_hooks) == 2, sys.path_hooks\n"
                                    "assert callable(exit)\n")

        interp = None
        ladon_support.fail_each_allocation(
            lambda: interpreters.run_string(interp, "import colorsys"),
            (MemoryError, interpreters.RunFailedError), numbers=range(3, 100000, 211),
            prepare=prepare, check=check)
        interpreters.destroy(interp)


if __name__ == "__main__":
    unittest.main()
