"""`make install`: the installed tree runs, compiles extension modules and can be embedded."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD = os.path.dirname(os.path.abspath(sys.executable))

EXTENSION = r"""
#include <Python.h>
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "tiny", "doc of tiny"};
PyMODINIT_FUNC PyInit_tiny(void) { return PyModuleDef_Init(&def); }
"""

PROGRAM = r"""
#include <Python.h>
int main(void)
{
    Py_Initialize();
    int res = PyRun_SimpleString("import json, sys; print(json.dumps([sys.prefix, 6 * 7]))");
    return Py_FinalizeEx() < 0 || res != 0;
}
"""


@unittest.skipUnless(os.path.exists(os.path.join(BUILD, "Makefile")) and shutil.which("cc"),
                     "not run from a build tree with a compiler")
class InstallTests(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="ladon-install-")
        cls.prefix = os.path.join(cls.folder, "tree")
        subprocess.run(["make", "-s", "install", "prefix=" + cls.prefix], cwd=BUILD, check=True,
                       capture_output=True)
        cls.python = os.path.join(cls.prefix, "bin", "python3.12")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def output(self, *command, **options):
        """Run a command in the scratch folder; return what it printed."""
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True,
                              timeout=120, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def config(self, *options):
        return self.output(self.python + "-config", *options).split()

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def test_runs_where_it_lies(self):
        code = "import sys, sysconfig; print(sys.prefix, sysconfig.get_path('stdlib'))"
        self.assertEqual(self.output(self.python, "-c", code).split(),
                         [self.prefix, os.path.join(self.prefix, "lib", "python3.12")])
        moved = os.path.join(self.folder, "moved")
        os.rename(self.prefix, moved)
        try:
            python = os.path.join(moved, "bin", "python3")
            self.assertEqual(self.output(python, "-c", "import sys; print(sys.prefix)").strip(),
                             moved)
        finally:
            os.rename(moved, self.prefix)

    def test_extension_module(self):
        self.write("tiny.c", EXTENSION)
        suffix = self.config("--extension-suffix")[0]
        self.output("cc", "-shared", "-fPIC", "-Wall", "-Werror", *self.config("--includes"),
                    "tiny.c", "-o", "tiny" + suffix)
        self.assertEqual(self.output(self.python, "-c", "import tiny; print(tiny.__doc__)"),
                         "doc of tiny\n")

    def test_embedding(self):
        self.write("embed.c", PROGRAM)
        self.output("cc", "embed.c", *self.config("--includes"), "-o", "embed",
                    *self.config("--ldflags", "--embed"))
        # An embedding program lies anywhere; the prefix that was configured is not this one.
        env = dict(os.environ, PYTHONHOME=self.prefix)
        self.assertEqual(self.output("./embed", env=env), f'["{self.prefix}", 42]\n')

    @unittest.skipUnless(shutil.which("pkg-config"), "needs pkg-config")
    def test_pkg_config(self):
        env = dict(os.environ, PKG_CONFIG_PATH=os.path.join(self.prefix, "lib", "pkgconfig"))
        self.assertIn("-lpython3.12",
                      self.output("pkg-config", "--libs", "python-3.12-embed", env=env))
        self.assertEqual(self.output("pkg-config", "--cflags", "python-3.12", env=env).strip(),
                         f"-I{self.prefix}/include/python3.12")


if __name__ == "__main__":
    unittest.main()
