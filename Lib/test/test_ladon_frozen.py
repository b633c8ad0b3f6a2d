"""Frozen code: one object for all interpreters, a running form of its own in each.

Issue "Foundations", point 4.
"""

import contextlib
import dis
import importlib.machinery
import io
import os
import sys
import unittest

import _imp
import _xxinterpchannels as channels
import _xxsubinterpreters as interpreters


class FrozenCodeTests(unittest.TestCase):
    def run_in_other(self, source):
        """Run source in a new isolated interpreter; return what it sends on `out`."""
        cid = channels.create()
        interp = interpreters.create()
        try:
            interpreters.run_string(
                interp, "import _xxinterpchannels as channels\n" + source, {"out": int(cid)})
            return channels.recv_wait(cid, 10)
        finally:
            interpreters.destroy(interp)
            channels.destroy(cid)

    def test_same_object(self):
        """id() of a frozen code object agrees between interpreters."""
        other = self.run_in_other(
            "import os\nchannels.send(out, id(os.path.join.__code__))")
        self.assertEqual(other, id(os.path.join.__code__))

    def test_same_constants(self):
        other = self.run_in_other(
            "import os\nc = os.path.join.__code__\n"
            "channels.send(out, (id(c.co_consts), id(c.co_names), id(c.co_name)))")
        code = os.path.join.__code__
        self.assertEqual(other, (id(code.co_consts), id(code.co_names), id(code.co_name)))

    def test_filename_says_frozen(self):
        self.assertEqual(os.path.join.__code__.co_filename, "<frozen posixpath>")

    @staticmethod
    def opnames(function):
        return [i.opname for i in dis.get_instructions(function, adaptive=True)]

    def test_module_that_is_only_frozen(self):
        """__hello_only__ is in no library: it has neither an original nor a file."""
        self.assertEqual(_imp.find_frozen("__hello_only__"), (None, False, None))
        spec = importlib.machinery.FrozenImporter.find_spec("__hello_only__")
        self.assertEqual(vars(spec.loader_state), {"filename": None, "origname": None})
        with contextlib.redirect_stdout(io.StringIO()) as out:
            module = importlib.import_module("__hello_only__")
        del sys.modules["__hello_only__"]
        self.assertEqual((module.initialized, out.getvalue()), (True, "Hello world!\n"))
        self.assertFalse(hasattr(module, "__file__"))

    def test_own_running_form(self):
        """Warm here, cold in a new interpreter: the specialised forms are this one's alone."""
        for _ in range(200):
            os.path.join("a", "b", "c")
        here = self.opnames(os.path.join)
        cold = self.run_in_other(
            "import os, dis\n"
            "names = [i.opname for i in dis.get_instructions(os.path.join, adaptive=True)]\n"
            "channels.send(out, ' '.join(names))").split()
        generic = [i.opname for i in dis.get_instructions(os.path.join)]
        self.assertNotEqual(here, generic)
        self.assertEqual(len(here), len(cold))
        self.assertNotEqual(here, cold)
        # the generic form is the same in both and shows nothing of the running one
        text = io.StringIO()
        dis.dis(os.path.join, file=text)
        self.assertNotIn("LOAD_FAST_LOAD", text.getvalue())

    def test_units_are_read_only(self):
        """The instruction units lie in a mapping of the program without write permission."""
        address = id(os.path.join.__code__)
        # co_units is the first pointer behind 3.12's layout and the record's pointer
        with open("/proc/self/mem", "rb") as memory:
            memory.seek(address + 200)
            units = int.from_bytes(memory.read(8), "little")
        with open("/proc/self/maps", encoding="utf-8") as maps:
            for line in maps:
                low, _, rest = line.partition("-")
                high, permissions = rest.split()[:2]
                if int(low, 16) <= units < int(high, 16):
                    self.assertEqual(permissions[:2], "r-", line)
                    return
        self.fail("the units are in no mapping")


if __name__ == "__main__":
    unittest.main()
