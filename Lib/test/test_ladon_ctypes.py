"""_ctypes: layouts as recorded, calls, callbacks, kept objects, interpreters, failing allocations.

``ladon_ctypes.tsv`` beside this file was observed by running
``python3.12 test_ladon_ctypes.py --observe > ladon_ctypes.tsv`` on CPython 3.12.1 (x86-64 Linux).
Its rows are: the fields of a structure or union, with the base and _pack_; its size, alignment,
format and the places of its fields.
"""

import gc
import os
import pickle
import random
import sys
import threading
import unittest
from test.support import import_helper

ctypes = import_helper.import_module("ctypes")
from ctypes import *
import _ctypes

try:
    from test import ladon_support
except ImportError:
    import ladon_support

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ladon_ctypes.tsv")

INTEGERS = "c_byte c_ubyte c_short c_ushort c_int c_uint c_long c_ulonglong c_bool".split()
OTHERS = """c_float c_double c_longdouble c_char c_wchar c_void_p c_char_p py_object
            POINTER(c_int) CFUNCTYPE(c_int) c_char*5 c_int*3 c_wchar*2 c_short*2*3""".split()
SWAPPABLE = "c_short c_ushort c_int c_uint c_long c_byte".split()


def random_class(number, rng):
    """Return the description of a class: base, _pack_, fields (name, type, bits or 0)."""
    base = rng.choice(["Structure", "Structure", "Union", "BigEndianStructure"])
    fields = []
    for i in range(rng.randrange(7)):
        # The places of bit fields in unions differ: ours begin all at the first bit, as in C.
        bits = base != "Union" and rng.random() < .5
        if base == "BigEndianStructure":
            name = rng.choice(SWAPPABLE)
        else:
            name = rng.choice(INTEGERS if bits or rng.random() < .4 else OTHERS)
        width = rng.randint(1, 8 * sizeof(eval(name))) if bits else 0
        fields.append((f"f{i}", name, width))
    return f"{base}|{rng.choice(['', '', '1', '2', '4', '8'])}|" + " ".join(
        f"{name}:{type}:{bits}" for name, type, bits in fields)


def build(text):
    """Return the class of a description."""
    base, pack, fields = text.split("|")
    namespace = {"_pack_": int(pack)} if pack else {}
    namespace["_fields_"] = []
    for field in fields.split():
        name, type_name, bits = field.split(":")
        row = (name, eval(type_name)) + ((int(bits),) if bits != "0" else ())
        namespace["_fields_"].append(row)
    base = globals()[base]
    return type(base)("S", (base,), namespace)


def observation(text):
    """Return the columns of a description's row."""
    cls = build(text)
    places = " ".join(repr(getattr(cls, row[0])) for row in cls._fields_)
    return text, str(sizeof(cls)), str(alignment(cls)), memoryview(cls()).format, places


class LayoutTests(unittest.TestCase):

    def test_recorded_layouts(self):
        """Sizes, alignments, formats and fields of random structures are CPython's."""
        with open(DATA, encoding="utf-8") as file:
            rows = [line.rstrip("\n").split("\t") for line in file]
        self.assertGreater(len(rows), 100)
        for row in rows:
            with self.subTest(row[0]):
                self.assertEqual(list(observation(row[0])), row)

    def test_bits_of_a_union_begin_at_the_first(self):
        class U(Union):
            _fields_ = [("a", c_uint, 3), ("b", c_uint, 9)]
        self.assertEqual(bytes(U(b=0x155)), b"\x55\x01\0\0")
        self.assertEqual(U(b=0x155).a, 5)

    def test_bool_bits_leave_their_neighbours_alone(self):
        class S(Structure):
            _fields_ = [("a", c_ubyte, 3), ("b", c_bool, 1), ("c", c_ubyte, 4)]
        s = S(5, True, 9)
        self.assertEqual((s.a, s.b, s.c), (5, True, 9))
        s.b = False
        self.assertEqual((s.a, s.b, s.c, bytes(s)), (5, False, 9, b"\x95"))


class MemoryTests(unittest.TestCase):

    def test_resize_keeps_memory_that_others_know(self):
        class S(Structure):
            _fields_ = [("n", c_int * 20)]
        s = S()
        part, view = s.n, memoryview(s)
        for size in range(1000, 50_000, 1000):
            resize(s, size)
        part[:] = range(20)
        self.assertEqual(bytes(view)[:8], b"\0\0\0\0\1\0\0\0")
        self.assertEqual(sizeof(s), 49_000)

    def test_assigned_class_does_not_reach_beyond_the_memory(self):
        class Small(Structure):
            _fields_ = [("a", c_char)]
        class Large(Structure):
            _fields_ = [("a", c_char), ("b", c_int * 1000)]
        small = Small()
        small.__class__ = Large
        self.assertRaises(ValueError, lambda: small.b)
        with self.assertRaises(ValueError):
            small.b = (1,) * 1000
        array = (c_int * 2)()
        array.__class__ = c_int * 100
        self.assertRaises(IndexError, lambda: array[50])
        self.assertEqual(array[1000:0:-1], [0])
        self.assertRaises(BufferError, memoryview, array)

    def test_view_of_empty_items(self):
        class Empty(Structure):
            pass
        empty = Empty()
        resize(empty, 5)
        memoryview(empty).cast("B")[:] = b"12345"
        self.assertEqual(bytes(empty), b"12345")

    def test_instances_in_bit_fields(self):
        class Derived(c_int):
            pass
        class S(Structure):
            _fields_ = [("a", Derived, 3), ("b", c_int, 5), ("c", c_int)]
        s = S(c=-1)
        s.a, s.b = Derived(3), c_int(5)
        self.assertEqual((bytes(s)[0], s.c), (0x2b, -1))

    def test_null_is_an_exception(self):
        self.assertRaises(ValueError, CFUNCTYPE(c_int)())
        self.assertRaises(ValueError, string_at, None)
        self.assertRaises(ValueError, _ctypes.PyObj_FromPtr, 0)

    def test_types_are_initialised_once(self):
        for cls in c_int, POINTER(c_int), c_int * 3, CFUNCTYPE(c_int):
            self.assertRaises(TypeError, type(cls).__init__, cls, "x", (), {})
        class S(Structure):
            pass
        self.assertRaises(TypeError, type(S).__init__, S, "x", (), {})
        raw = type.__new__(type(Structure), "Raw", (Structure,), {})
        self.assertRaises(TypeError, raw)
        self.assertRaises(TypeError, sizeof, raw)

    def test_kept_objects(self):
        class P(Structure):
            _fields_ = [("p", POINTER(c_int)), ("z", c_char_p * 2)]
        class PP(Structure):
            _fields_ = [("x", c_int), ("p", P * 2)]
        x = PP()
        x.p[1].z[1] = b"abc"
        x.p[1].p = pointer(c_int(3))
        self.assertEqual(sorted(x._objects), ["0:1:1", "1:1:1:1"])
        gc.collect()
        self.assertEqual((x.p[1].z[1], x.p[1].p[0]), (b"abc", 3))

    def test_array_types_are_found_again_and_go_away(self):
        class S(Structure):
            _fields_ = [("a", c_int)]
        self.assertIs(S * 3, S * 3)
        for n in range(300):
            S * n
        gc.collect()
        self.assertLess(sum(t.__name__.startswith("S_Array") for t in
                            _ctypes.Array.__subclasses__()), 30)

    def test_pickling(self):
        for value in c_int(7), c_double(1.5), (c_short * 3)(1, 2, 3):
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                reduced = value.__reduce__()
                copy = reduced[0](*reduced[1])
                self.assertEqual(bytes(copy), bytes(value))


class CallTests(unittest.TestCase):

    libc = CDLL(None)

    def test_small_structures_in_registers(self):
        """Every mixture of two fields goes through a callback and back unchanged."""
        kinds = [c_byte, c_short, c_int, c_long, c_float, c_double, c_char * 3, c_float * 2]
        for first in kinds:
            for second in kinds:
                class S(Structure):
                    _fields_ = [("a", first), ("b", second)]
                class U(Union):
                    _fields_ = [("s", S), ("i", c_int)]
                for cls in S, U:
                    seen = []
                    proto = CFUNCTYPE(c_int, c_double, cls, c_int)
                    value = cls.from_buffer_copy(bytes(range(1, sizeof(cls) + 1)))
                    proto(lambda d, s, i: seen.append((d, bytes(s), i)) or 0)(.5, value, 6)
                    self.assertEqual(seen, [(.5, bytes(value), 6)])

    def test_returned_structures(self):
        class Div(Structure):
            _fields_ = [("quot", c_long), ("rem", c_long)]
        ldiv = CFUNCTYPE(Div, c_long, c_long)(("ldiv", self.libc))
        result = ldiv(-17, 5)
        self.assertEqual((result.quot, result.rem), (-3, -2))

    def test_errno_is_the_threads(self):
        libc = CDLL(None, use_errno=True)
        set_errno(0)
        self.assertEqual(libc.open(b"/no/such/file", 0), -1)
        self.assertEqual(get_errno(), 2)
        other = []
        thread = threading.Thread(target=lambda: other.append(get_errno()))
        thread.start()
        thread.join()
        self.assertEqual(other, [0])

    def test_callbacks_of_foreign_threads(self):
        """A thread that C made calls back; it has a thread state for the time of the call."""
        create = self.libc.pthread_create
        create.argtypes = [POINTER(c_ulong), c_void_p, c_void_p, c_void_p]
        join = self.libc.pthread_join
        join.argtypes = [c_ulong, c_void_p]
        seen = []
        start = CFUNCTYPE(c_void_p, c_void_p)(
            lambda p: seen.append((p, threading.get_ident())))
        for i in range(5):
            thread = c_ulong()
            self.assertEqual(create(byref(thread), None, cast(start, c_void_p), i + 1), 0)
            self.assertEqual(join(thread, None), 0)
        self.assertEqual([p for p, ident in seen], [1, 2, 3, 4, 5])
        self.assertNotIn(threading.get_ident(), [ident for p, ident in seen])

    def test_exceptions_in_callbacks(self):
        seen = []
        hook, sys.unraisablehook = sys.unraisablehook, lambda u: seen.append(
            (u.err_msg, type(u.exc_value)))
        try:
            def fails(x):
                raise KeyError(x)
            self.assertEqual(CFUNCTYPE(c_int, c_int)(fails)(1), 0)
            self.assertEqual(CFUNCTYPE(c_int, c_int)(lambda x: "x")(1), 0)
        finally:
            sys.unraisablehook = hook
        self.assertEqual(seen, [
            ("Exception ignored on calling ctypes callback function", KeyError),
            ("Exception ignored on converting result of ctypes callback function", TypeError)])

    def test_gil(self):
        """A call through CDLL lets other threads run, one through PyDLL does not stop them."""
        events = []
        thread = threading.Thread(target=lambda: events.append("thread"))
        usleep = self.libc.usleep
        thread.start()
        while not events:
            usleep(1000)
        thread.join()
        self.assertEqual(pythonapi.PyGILState_Check(), 1)
        self.assertEqual(self.libc.abs(-3), 3)

    def test_pythonapi(self):
        fun = pythonapi.PyObject_GetAttrString
        fun.restype, fun.argtypes = py_object, [py_object, c_char_p]
        self.assertEqual(fun(3, b"numerator"), 3)
        self.assertRaises(AttributeError, fun, 3, b"nothing")

    def test_function_that_changes_itself_during_its_call(self):
        fun = CDLL(None).labs
        class Evil:
            @classmethod
            def from_param(cls, value):
                del fun.argtypes, fun.restype, fun.errcheck
                return c_long(value)
        fun.argtypes, fun.restype, fun.errcheck = [Evil], c_long, lambda r, f, a: r
        self.assertEqual(fun(-4), 4)


class InterpreterTests(unittest.TestCase):

    CODE = """if True:
        from ctypes import *
        class S(Structure):
            _fields_ = [("a", c_int), ("b", c_char_p), ("c", c_double * 3)]
        s = S(1, b"x", (1, 2, 3))
        assert (s.a, s.b, s.c[2]) == (1, b"x", 3)
        libc = CDLL(None)
        assert libc.abs(-5) == 5
        array = (c_int * 5)(5, 1, 99, 7, 33)
        compare = CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int))(lambda a, b: a[0] - b[0])
        libc.qsort(array, 5, 4, compare)
        assert array[:] == [1, 5, 7, 33, 99]
        seen = []
        start = CFUNCTYPE(c_void_p, c_void_p)(seen.append)
        thread = c_ulong()
        assert libc.pthread_create(byref(thread), None, start, c_void_p(7)) == 0
        assert libc.pthread_join(thread, None) == 0
        assert seen == [7], seen
        s.loop = s, compare
    """

    def test_interpreters_at_the_same_time(self):
        ladon_support.run_in_interpreters(self.CODE, times=3)


@ladon_support.needs_failing_allocations
class AllocationTests(unittest.TestCase):

    def check(self, action, errors=(MemoryError, ArgumentError, RuntimeError)):
        # The last two wrap exceptions of conversions.
        ladon_support.lost_blocks(action, errors)       # fills caches
        lost, number = ladon_support.lost_blocks(action, errors)
        self.assertLessEqual(lost, 2)
        self.assertGreater(number, 1)

    def test_types(self):
        def action():
            class S(Structure):
                _fields_ = [("a", c_int), ("b", c_char_p), ("c", c_int, 3), ("d", c_short * 3)]
            class T(S):
                _anonymous_ = ["u"]
                _fields_ = [("u", type(Union)("U", (Union,), {
                    "_fields_": [("x", c_int), ("y", c_double)]}))]
            t = T(1, b"x", x=3)
            t.d[1] = 5
            assert (t.a, t.b, t.x, t.d[1]) == (1, b"x", 3, 5)
        self.check(action)

    def test_simple_type(self):
        self.check(lambda: type("t", (_ctypes._SimpleCData,), {"_type_": "i"})(4).value)

    def test_pointers(self):
        def action():
            p = pointer(c_int(4))
            q = cast(p, POINTER(c_short))
            assert q.contents.value == q[0] == 4 and p[:1] == [4]
            assert (c_wchar * 3)("a", "b").value == "ab"
            c_wchar_p("abc").value
            _ctypes.buffer_info(c_int * 3)
        self.check(action)

    def test_calls(self):
        class Large(Structure):
            _fields_ = [("a", c_long * 5)]
        double = CFUNCTYPE(c_double, c_double, POINTER(c_int))
        libm = CDLL("libm.so.6")
        sized = CFUNCTYPE(c_int, Large, c_char_p, c_wchar_p)
        kept = sized(lambda large, s, w: len(s) + len(w))

        def action():
            assert libm.abs(3) == 3
            assert double(("frexp", libm), ((1, "x"), (2, "e")))(8.5) == 4
            assert double(("frexp", libm), ((1,), (3,)))(8.5, c_int(2)).value == 4
        self.check(action)

        def failing():
            kept(Large(), b"abc", "xy")
        hook, sys.unraisablehook = sys.unraisablehook, lambda u: None
        try:
            self.check(failing)
        finally:
            sys.unraisablehook = hook

    def test_callbacks(self):
        self.check(lambda: CFUNCTYPE(c_int, c_int)(abs))


def observe():
    rng = random.Random(12)
    for number in range(150):
        print(*observation(random_class(number, rng)), sep="\t")


if __name__ == "__main__":
    if sys.argv[1:] == ["--observe"]:
        observe()
    else:
        unittest.main()
