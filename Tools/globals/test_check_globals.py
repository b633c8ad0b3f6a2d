#!/usr/bin/env python3
"""Tests of check_globals.py on a small compiled program."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import check_globals as cg

PROGRAM = """
struct runtime { int a; } _PyRuntime = {1};
__attribute__((section("pyshared"), used)) int shared = 1;
typedef struct { const char *name; int size; } PyType_Spec;
static PyType_Spec known_spec = {"x", 1};
typedef struct { const char *name; long index; } PyModuleDef;
static PyModuleDef a_module = {"m", 0};
static int hidden_count = 3;
int zeroed[4];
__thread int per_thread;
int exported = 2;
static const int table[2] = {1, 2};
static const char *const words[2] = {"a", "b"};
int main(int argc, char **argv)
{
    static int calls;
    (void)argv;
    calls += argc;
    return _PyRuntime.a + shared + known_spec.size + a_module.index++ + ++hidden_count
           + zeroed[argc] + per_thread++ + exported + table[argc & 1] + words[argc & 1][0] + calls;
}
"""


class CheckTest(unittest.TestCase):
    """What is admitted and what is not."""

    @classmethod
    def setUpClass(cls):
        compiler = shutil.which("gcc") or shutil.which("cc")
        cls.folder = tempfile.TemporaryDirectory()
        source = os.path.join(cls.folder.name, "prog.c")
        binary = os.path.join(cls.folder.name, "prog")
        os.mkdir(os.path.join(cls.folder.name, "Python"))
        with open(source, "w", encoding="utf-8") as file:
            file.write(PROGRAM)
        shutil.copy(source, os.path.join(cls.folder.name, "Python"))
        subprocess.run([compiler, "-O0", "-no-pie", "-o", binary, source], check=True)
        sections = cg.parse_sections(cg.readelf("-S", binary))
        cls.symbols = [symbol for symbol in cg.parse_symbols(cg.readelf("-s", binary), sections)
                       if symbol.file != "crtstuff.c" and not symbol.name.startswith("__")]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def check(self, exemptions):
        admitted, bad = cg.check(self.symbols, {"exported"},
                                 cg.source_tables(self.folder.name), exemptions)
        return {symbol.name: why for symbol, why in admitted}, bad

    def test_offenders(self):
        admitted, bad = self.check({})
        names = sorted(text.split()[2].split(".")[0] for text in bad)
        self.assertEqual(names, ["a_module", "calls", "hidden_count", "per_thread", "zeroed"])
        self.assertEqual(admitted, {"_PyRuntime": "the runtime", "shared": "shared object",
                                    "known_spec": "table of the API",
                                    "exported": "exported by the ABI"})

    def test_exempt(self):
        admitted, bad = self.check({("hidden_count", "prog.c"): "counts", ("zeroed", ""): "is 0",
                                    ("per_thread", ""): "of the thread"})
        self.assertEqual([text.split()[2].split(".")[0] for text in bad], ["calls", "a_module"])
        self.assertEqual(admitted["hidden_count"], "exempt: counts")

    def test_exemption_names_the_file(self):
        _, bad = self.check({("hidden_count", "other.c"): "counts"})
        self.assertIn("exempt.tsv: nothing writable is called hidden_count other.c", bad)
        self.assertEqual(len(bad), 6)

    def test_stale_row(self):
        _, bad = self.check({("gone", ""): "was there", ("maybe", ""): "(if linked) libc"})
        self.assertIn("exempt.tsv: nothing writable is called gone", bad)
        self.assertFalse([text for text in bad if "maybe" in text])

    def test_shared_module(self):
        """Its definition is admitted; rows without "(if linked)" are those of the program."""
        tables = (cg.source_tables(self.folder.name)
                  | cg.source_tables(self.folder.name, cg.MODULE_TYPES))
        admitted, bad = cg.check(self.symbols, {"exported"}, tables,
                                 {("zeroed", ""): "is 0", ("gone", ""): "was there",
                                  ("hidden_count", "prog.c"): "(if linked) counts"}, False)
        self.assertIn("a_module", {symbol.name for symbol, _ in admitted})
        self.assertEqual(sorted(text.split()[2].split(".")[0] for text in bad),
                         ["calls", "per_thread", "zeroed"])

    def test_rows(self):
        path = os.path.join(self.folder.name, "exempt.tsv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("# comment\na\t-\twhy\nb\tb.c\n")
        rows, bad = cg.read_exemptions(path)
        self.assertEqual(rows, {("a", ""): "why"})
        self.assertEqual(len(bad), 1)
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"v{i}\t-\twhy\n" for i in range(cg.MAX_ROWS))
        self.assertEqual(len(cg.read_exemptions(path)[1]), 1)

    def test_committed_rows(self):
        rows, bad = cg.read_exemptions(os.path.join(cg.HERE, "exempt.tsv"))
        self.assertTrue(rows)
        self.assertEqual(bad, [])


if __name__ == "__main__":
    unittest.main()
