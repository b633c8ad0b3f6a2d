"""The C API where CPython's tests of it do not reach, and the module _testcapi itself."""

import importlib.util
import io
import unittest

from test.support import import_helper
from test.support.script_helper import assert_python_failure

try:
    from test import ladon_support
except ImportError:
    import ladon_support

_testcapi = import_helper.import_module("_testcapi")


class BufferTests(unittest.TestCase):
    def test_missing_view(self):
        """No object fills in a buffer that is not there."""
        for exporter in (bytearray(b"x"), io.BytesIO(b"x").getbuffer().obj):
            with self.subTest(type(exporter)):
                with self.assertRaisesRegex(BufferError, "view==NULL argument is obsolete"):
                    _testcapi.getbuffer_with_null_view(exporter)


class ArgumentTests(unittest.TestCase):
    def test_units_that_are_none(self):
        """A format with a unit that is none is refused, used or stepped over."""
        for unit in ("e", "e)", "a", "#", "u"):
            for args in ((), (1,)):
                with self.subTest(unit=unit, args=args):
                    with self.assertRaises(SystemError):
                        _testcapi.parse_tuple_and_keywords(args, {"b": 1}, f"|{unit}i", ["a", "b"])

    def test_keyword_of_subclass(self):
        """A keyword of a subclass of str that is like a str counts as one."""
        class Keyword(str):
            pass
        self.assertEqual(_testcapi.getargs_keyword_only(1, **{Keyword("optional"): 2}), (1, 2, -1))


class ExceptionTests(unittest.TestCase):
    def test_note_without_args(self):
        """The note of a constructor's error says what was to be made, even if repr() fails."""
        class Broken(Exception):
            def __init__(self, *args):
                raise ValueError

        class Mute:
            def __repr__(self):
                raise KeyError
        for value, text in ((1, "1"), ((1, "a"), "(1, 'a')"), (Mute(), "<unknown>")):
            error = _testcapi.exc_set_object_fetch(Broken, value)
            self.assertIsInstance(error, ValueError)
            self.assertEqual(error.__notes__,
                             ["Normalization failed: type=Broken args=" + text])

    def test_extensions_without_functions(self):
        """A fatal error names all extension modules outside the standard library."""
        code = "import _testcapi, _testinternalcapi; _testcapi.fatal_error(b'end')"
        err = assert_python_failure("-c", code).err.decode()
        self.assertIn("Extension modules: _testcapi, _testinternalcapi (total: 2)", err)


class LayoutTests(unittest.TestCase):
    def test_dict_at_an_offset(self):
        """Dicts that a class statement adds fit together; one at an offset is a layout."""
        class A(_testcapi.HeapCTypeWithDict):
            pass

        class B(_testcapi.HeapCTypeWithDict):
            pass

        class C(A, B):
            pass
        self.assertEqual(C().__dict__, {})
        with self.assertRaisesRegex(TypeError, "lay-?out conflict"):
            type("D", (_testcapi.HeapCTypeWithDict, _testcapi.HeapCTypeWithWeakref), {})


class ModuleTests(unittest.TestCase):
    def make_module(self):
        spec = importlib.util.find_spec("_testcapi")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def test_many_modules(self):
        """The module can be made again, with types of its own."""
        first, second = self.make_module(), self.make_module()
        self.assertIsNot(first.MethInstance, second.MethInstance)
        self.assertEqual(first.MethInstance().meth_o(1)[1], 1)

    def test_other_interpreter(self):
        """An interpreter with a lock of its own can import it."""
        code = "import _testcapi; assert _testcapi.list_size([1, 2]) == 2"
        result = _testcapi.run_in_subinterp_with_config(
            code, use_main_obmalloc=False, allow_fork=False, allow_exec=False, allow_threads=True,
            allow_daemon_threads=False, check_multi_interp_extensions=True, gil=2)
        self.assertEqual(result, 0)

    @ladon_support.needs_failing_allocations
    def test_no_memory(self):
        """A module whose making fails at any allocation leaves nothing."""
        lost, number = ladon_support.lost_blocks(self.make_module)
        self.assertGreater(number, 1000)
        self.assertLess(lost, 50)

    @ladon_support.needs_failing_allocations
    def test_functions_without_memory(self):
        """Functions that allocate say so when they cannot."""
        calls = {
            "make_vectorcall_class": (), "call_vectorcall": (lambda *a, **k: None,),
            "make_sized_heaptypes": (8, -8), "make_heaptype_with_member": (8, -8, 0, True),
            "unicode_fill": ("abc", 0, 1, 97), "unicode_aswidechar": ("abc", 4),
            "unicode_asucs4": ("abc", 4, 1), "get_feature_macros": (),
            "parse_tuple_and_keywords": ((1,), {}, "O|O", ["a", "b"]),
            "exc_set_object_fetch": (ValueError, 1), "make_timezones_capi": (),
            "eval_code_ex": ((lambda a, b: a).__code__, {}, {}, (1,), {"b": 2}),
        }
        _testcapi.test_datetime_capi()
        for name, arguments in calls.items():
            with self.subTest(name):
                function = getattr(_testcapi, name)
                lost, _ = ladon_support.lost_blocks(lambda: function(*arguments))
                self.assertLess(lost, 10)


if __name__ == "__main__":
    unittest.main()
