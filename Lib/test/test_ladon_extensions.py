"""Extension modules in isolated interpreters: which load, and where their init functions run.

Two small modules are compiled with the headers of the source tree: a legacy one (single-phase
initialisation, state in a C static) and a modern one (multi-phase, for interpreters with an own
GIL).
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.dirname(os.path.abspath(sys.executable))

LEGACY = r"""
#include "Python.h"
static PyObject *state;
static int inits;
static PyObject *get(PyObject *m, PyObject *x) { return Py_NewRef(state); }
static PyObject *count(PyObject *m, PyObject *x) { return PyLong_FromLong(inits); }
static PyMethodDef methods[] = {{"get", get, METH_NOARGS, 0}, {"count", count, METH_NOARGS, 0},
                                {0}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "legacy", 0, -1, methods};
PyMODINIT_FUNC PyInit_legacy(void) {
    inits++;
    state = PyUnicode_FromFormat("object of interpreter %d",
                                 (int)PyInterpreterState_GetID(PyInterpreterState_Get()));
    return PyModule_Create(&def);
}
"""

MODERN = r"""
#include "Python.h"
static int execs;
static int exec(PyObject *m) { return PyModule_AddIntConstant(m, "execs", ++execs); }
static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED}, {0}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "modern", 0, 0, 0, slots};
PyMODINIT_FUNC PyInit_modern(void) { return PyModuleDef_Init(&def); }
"""

BROKEN = r"""
#include "Python.h"
PyMODINIT_FUNC PyInit_broken(void) { PyErr_SetString(PyExc_ValueError, "no way"); return NULL; }
"""


def run(program):
    """Run a program in a new process; return its standard output."""
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)],
                          capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout


@unittest.skipUnless(shutil.which("cc") and os.path.exists(os.path.join(TOP, "Include")),
                     "needs a compiler and the headers")
class ExtensionTests(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="ladon-ext-")
        suffix = sysconfig.get_config_var("EXT_SUFFIX")
        for name, source in ("legacy", LEGACY), ("modern", MODERN), ("broken", BROKEN):
            path = os.path.join(cls.folder, name + ".c")
            with open(path, "w") as file:
                file.write(source)
            subprocess.run(["cc", "-shared", "-fPIC", "-I", BUILD,
                            "-I", os.path.join(TOP, "Include"),
                            "-o", os.path.join(cls.folder, name + suffix), path],
                           check=True, capture_output=True)
        cls.head = f"import sys; sys.path.insert(0, {cls.folder!r})\n"
        cls.main = cls.head + textwrap.dedent(f"""
            import _xxsubinterpreters as interpreters
            def inside(code, **options):
                interp = interpreters.create(**options)
                try:
                    interpreters.run_string(interp, {cls.head!r} + code)
                except interpreters.RunFailedError as error:
                    print(error)
                interpreters.destroy(interp)
            """)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_legacy_module_first_met_by_an_isolated_interpreter(self):
        out = run(self.main + textwrap.dedent("""
            inside("import legacy")
            inside("import legacy")
            import legacy
            print(legacy.get(), legacy.count())
            """)).splitlines()
        refusal = "module legacy does not support loading in subinterpreters"
        self.assertIn(refusal, out[0])
        self.assertIn(refusal, out[1])
        # Its statics were only ever touched by the main interpreter.
        self.assertEqual(out[2], "object of interpreter 0 1")

    def test_legacy_module_of_main_stays_what_it_was(self):
        out = run(self.main + textwrap.dedent("""
            import legacy
            inside("import legacy")
            print(legacy.get(), legacy.count())
            """)).splitlines()
        self.assertIn("does not support loading", out[0])
        self.assertEqual(out[1], "object of interpreter 0 1")

    def test_interpreters_that_share_the_heap_share_the_copy(self):
        out = run(self.main + textwrap.dedent("""
            import legacy
            inside("import legacy; print(legacy.get(), legacy.count(), flush=True)",
                   isolated=False)
            """)).splitlines()
        self.assertEqual(out, ["object of interpreter 0 1"])

    def test_modern_module_is_executed_everywhere(self):
        out = run(self.main + textwrap.dedent("""
            for _ in range(2):
                inside("import modern; print(modern.execs, flush=True)")
            import modern
            print(modern.execs)
            """)).splitlines()
        self.assertEqual(out, ["1", "2", "3"])

    def test_failing_init_is_reported(self):
        out = run(self.main + 'inside("import broken")')
        self.assertIn("ImportError", out)
        self.assertIn("no way", out)


if __name__ == "__main__":
    unittest.main()
