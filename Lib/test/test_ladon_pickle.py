"""_pickle beyond the regression suite: bytes and errors against recorded figures, hostile pickles,
hooks that call back, failing allocations.

The figures (crc32 of many answers) are those of CPython 3.12.1, which passes FigureTests.
"""

import _pickle
import codecs
import collections
import gc
import io
import pickle
import pickletools
import random
import sys
import threading
import unittest
import zlib

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest


class Plain:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)

    class Inner:
        pass


class Slots:
    __slots__ = ("a", "b")


class NewArguments:
    def __new__(cls, a, *, b=1):
        self = object.__new__(cls)
        self.a, self.b = a, b
        return self

    def __getnewargs_ex__(self):
        return (self.a,), {"b": self.b}


class Reduced:
    def __init__(self, value):
        self.value = value

    def __reduce__(self):
        return self.value


class DictOf(dict):
    pass


class ListOf(list):
    pass


def make(*args):
    return Plain(args=args)


def set_state(target, state):
    target.__dict__.update(state)


# Pickles name the module of a class: the same however this file is run.
MODULE = "ladon_pickle"
sys.modules[MODULE] = sys.modules[__name__]
for named in (Plain, Plain.Inner, Slots, NewArguments, Reduced, DictOf, ListOf, make, set_state):
    named.__module__ = MODULE


def answer(function, *args, **kwargs):
    """The result of a call, or what the exception says."""
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return type(error).__name__, str(error)


def objects(rng, depth=0):
    """A random object that pickles to the same bytes in every implementation: names of classes are
    strings of this module, because others may or may not be one object."""
    leaves = [None, True, 0, 255, 256, 65535, 65536, -1, 2**31 - 1, 2**31, -2**31, -2**31 - 1, -128,
              -32768, -(1 << 2039), -(1 << 2040), 1 << 2039, 1 << 2040, rng.getrandbits(900), 1.5,
              -0.0, float("inf"), "", "text", "\u20ac" * rng.randrange(99), "\ud800\n\\\r\x1a\0",
              b"", b"x" * rng.randrange(300), bytearray(b"y"), bytearray(), Plain, Plain.Inner,
              make, type(None), (), "z" * 70000, b"z" * 70000, NewArguments(5, b=6)]
    kind = rng.randrange(20)
    if depth > 4 or kind < 7:
        return rng.choice(leaves)
    items = [objects(rng, depth + 1) for _ in range(rng.randrange(5))]
    if kind == 7:
        items = list(range(rng.choice((999, 1000, 1001, 2000, 30000))))
    if kind == 13:
        found = Slots()
        found.a = items
        return found
    if kind == 14:
        items.append(items)
        found = (items, 1)
        items.append((found,))
        return found
    if kind == 15:
        found = Plain(items=items)
        found.me = found
        return found
    if kind >= 16:
        return rng.choice([
            Reduced((make, tuple(items))), Reduced((make, (), {"a": items}, iter(()), None)),
            Reduced((make, (), {"a": items}, None, None, set_state)), Reduced("make"),
            Reduced("nothing"), Reduced((make,)), Reduced((make, 1)), Reduced(5), Reduced((1, ())),
            Reduced((make, (), None, 5)), Reduced((make, (), None, None, 5)),
            Reduced((make, (), None, None, None, 5)), Reduced((make, (), None, None, iter([1]))),
            lambda: None, _pickle.PickleBuffer(b"b" * rng.choice((5, 70000))),
            _pickle.PickleBuffer(bytearray(b"abc"))])
    return [items, tuple(items), dict(enumerate(items)), set(range(len(items))),
            frozenset(range(len(items))), ListOf(items)][kind - 7 if kind < 13 else 0]


# Pieces of programs for the machine that reads pickles.
PIECES = [bytes([byte]) for byte in b"(.012Nabdeloqstu)]}\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x94"]
# No str among them is the name of a module.
PIECES += [
    b"I5\n", b"I01\n", b"I00\n", b"I\n", b"Ix\n", b"I0x10\n", b"I010\n", b"I" + b"9" * 30 + b"\n",
    b"L5L\n", b"L5\n", b"L\n", b"F1.5\n", b"Fx\n", b"F1e999\n", b"F1.5x\n", b"S'-b'\n", b"Sab\n",
    b"S\"-\\x41\\n\"\n", b"S'\n", b"S'\\xff'\n", b"S\n", b"V\\u1234\n", b"V\n", b"V\\uX\n",
    b"cbuiltins\nlist\n", b"cbuiltins\ndict\n", b"cbuiltins\nset\n", b"cbuiltins\nnope\n",
    b"c__builtin__\nunicode\n", b"cladon_pickle\nPlain\n", b"ibuiltins\nlist\n",
    b"\x8c\x08builtins\x8c\x04list\x93", b"\x8c\x08builtins\x8c\x06list.x\x93",
    b"\x8c\x08builtins\x8c\x0dlist.<locals>\x93", b"\x93", b"g0\n", b"g1\n", b"g-1\n", b"gx\n",
    b"p0\n", b"p1\n", b"p-1\n", b"q\1", b"h\1", b"h\0", b"q\0", b"r\0\0\1\0", b"j\0\0\1\0",
    b"Pabc\n", b"P\xff\n", b"Q", b"\x80\2", b"\x80\5", b"\x80\x09", b"K\5", b"M\5\1",
    b"J\xff\xff\xff\xff", b"\x8a\1\xff", b"\x8a\0", b"\x8b\xff\xff\xff\xff", b"\x8b\1\0\0\0\5",
    b"T\2\0\0\0-b", b"U\2-b", b"U\1\xff", b"X\1\0\0\0-", b"X\1\0\0\0\xff", b"\x82\0", b"\x82\x77",
    b"\x84\xff\xff\xff\xff", b"\x8d\1\0\0\0\0\0\0\0-", b"\x8e\1\0\0\0\0\0\0\0a", b"R", b"\x92",
    b"\x96\1\0\0\0\0\0\0\0a", b"\x97", b"\x98", b"\x95" + b"\xff" * 8, b"\x8d" + b"\xff" * 8,
    b"\x8e" + b"\xff" * 8, b"\x96" + b"\xff" * 8, b"B\2\0\0\0-b", b"C\2ab", b"\x8c\1-",
    b"\x8c\1\xed", b"\xff", b"'", b"\0"]


class Loader(_pickle.Unpickler):
    def persistent_load(self, name):
        return "id", name


class Reader:
    """A file that can only be read."""

    def __init__(self, data):
        file = io.BytesIO(data)
        self.read, self.readline = file.read, file.readline


class FigureTests(unittest.TestCase):
    def test_pickles(self):
        """The same bytes and errors at every protocol, and as many writes."""
        rng, value = random.Random(1), 0
        for _ in range(500):
            obj = objects(rng)
            for protocol in range(6):
                found = answer(_pickle.dumps, obj, protocol)
                if isinstance(found, tuple):
                    # Messages have addresses.
                    found = found[0], "".join(c for c in found[1] if c not in "0123456789abcdefx")
                elif rng.random() < 0.3:
                    parts = []
                    file = type("File", (), {"write": lambda self, b: parts.append(bytes(b))})()
                    _pickle.dump(obj, file, protocol)
                    self.assertEqual(b"".join(parts), found)
                    found = list(map(len, parts))
                value = zlib.crc32(repr(found).encode("utf-8", "backslashreplace"), value)
        self.assertEqual(value, 2746014718)

    def test_programs(self):
        """Random programs: the same results and errors from memory and from files."""
        rng, value = random.Random(2), 0
        for _ in range(20000):
            data = b"".join(rng.choices(PIECES, k=rng.randrange(1, 14))) + b"."
            how = rng.randrange(4)
            found = answer(*((_pickle.loads, data), (Loader(Reader(data)).load,),
                             (Loader(io.BytesIO(data), buffers=[b"b", bytearray(2)]).load,),
                             (Loader(io.BufferedReader(io.BytesIO(data), 8), encoding="bytes",
                                     fix_imports=False).load,))[how])
            value = zlib.crc32(repr(found).encode("utf-8", "backslashreplace"), value)
        self.assertEqual(value, 259191670)

    def test_sizes(self):
        """Every count at which an opcode for more is needed."""
        for size, opcode in ((255, "SHORT_BINBYTES"), (256, "BINBYTES")):
            data = _pickle.dumps(bytes(size), 4)
            self.assertIn(opcode, [op.name for op, *_ in pickletools.genops(data)])
            self.assertEqual(_pickle.loads(data), bytes(size))
        for bits in (*range(28, 36), *range(60, 68), *range(2030, 2050)):
            for number in (1 << bits, (1 << bits) - 1, -(1 << bits), -(1 << bits) - 1):
                for protocol in range(6):
                    data = _pickle.dumps(number, protocol)
                    self.assertEqual(data, pickle._dumps(number, protocol))
                    self.assertEqual(_pickle.loads(data), number)
        for count in (0, 1, 2, 255, 256, 257, 65535, 65536, 65537):
            strings = list(map(str, range(count)))
            for protocol in range(6):
                self.assertEqual(_pickle.loads(_pickle.dumps(strings * 2, protocol)), strings * 2)


class HostileTests(unittest.TestCase):
    def test_claims(self):
        """Sizes and numbers that are not true cost neither memory nor time."""
        huge = (1 << 62).to_bytes(8, "little")
        for opcode in (b"\x8d", b"\x8e", b"\x96", b"\x95"):
            self.assertRaisesRegex(_pickle.UnpicklingError, "truncated", _pickle.loads,
                                   opcode + huge + b"x.")
        for opcode in (b"B", b"X", b"T"):
            for file in (io.BytesIO, Reader):
                self.assertRaisesRegex(_pickle.UnpicklingError, "truncated", _pickle.load,
                                       file(opcode + b"\xff\xff\xff\x7fx."))
        # 3.12 makes room for all numbers below.
        data = b"Nr\xff\xff\xff\xff0Nj\xff\xff\xff\xff."
        self.assertIsNone(_pickle.loads(data))
        loader = _pickle.Unpickler(io.BytesIO(b"(K\1r\0\0\0\xf0K\2r\0\0\0\xf0K\3q\5K\4\x94h\5"
                                              b"j\0\0\0\xf0l."))
        self.assertEqual(loader.load(), [1, 2, 3, 4, 3, 2])
        self.assertEqual(loader.memo.copy(), {0xF0000000: 2, 5: 3, 2: 4})
        self.assertLess(sys.getsizeof(loader), 2000)
        data = b"\x80\4p99999999999999999999\n."
        self.assertRaises(_pickle.UnpicklingError, _pickle.loads, data)
        self.assertRaises(OverflowError, _pickle.loads, data.replace(b"p", b"Np"))

    def test_frames(self):
        """An opcode must not reach over the end of its frame; 3.12 loses what was in front."""
        for data in (b"\x80\4\x95\4\0\0\0\0\0\0\0X\1\0\0\0a.", b"\x80\4\x95\2\0\0\0\0\0\0\0I1\n."):
            self.assertRaisesRegex(_pickle.UnpicklingError, "end of frame", _pickle.load,
                                   Reader(data))

    def test_marks(self):
        for count in (1, 19, 20, 21, 100000):
            self.assertEqual(_pickle.loads(b"(" * count + b"1" * count + b"N."), None)
            data = b"(" * count + b"l" * count + b"."
            found = _pickle.loads(data)
            for _ in range(count - 1):
                found, = found
            self.assertEqual(found, [])
            self.assertRaisesRegex(_pickle.UnpicklingError, "unexpected MARK found",
                                   _pickle.loads, b"(" * count + b".")
        self.assertRaisesRegex(_pickle.UnpicklingError, "could not find MARK", _pickle.loads, b"t.")

    def test_deep(self):
        """Objects too deep for the C stack."""
        deep = []
        for _ in range(200000):
            deep = [deep]
        for protocol in range(6):
            self.assertRaises(RecursionError, _pickle.dumps, deep, protocol)
        while deep:
            deep = deep.pop()


class HookTests(unittest.TestCase):
    def test_dump_in_dump(self):
        """A hook may use the Pickler that calls it, even initialise it again."""
        for again in (False, True):
            class Nested(_pickle.Pickler):
                inside = False

                def persistent_id(self, obj):
                    if obj == "go" and not self.inside:
                        self.inside = True
                        if again:
                            self.__init__(file, 2)
                        self.dump(["inner"])
                        self.clear_memo()
                        self.memo = {}
                    return None

            file = io.BytesIO()
            for protocol in range(6):
                Nested(file, protocol).dump([{"a": "go"}, "go", ["inner"]])

    def test_failed_init(self):
        """An __init__() that fails in a hook leaves a Pickler as it was."""
        class Failing(_pickle.Pickler):
            def persistent_id(self, obj):
                try:
                    self.__init__(5)
                except TypeError:
                    pass
                return None

        file = io.BytesIO()
        Failing(file).dump([1, ["x"]])
        self.assertEqual(_pickle.loads(file.getvalue()), [1, ["x"]])

    def test_load_in_load(self):
        class Nested(_pickle.Unpickler):
            def persistent_load(self, name):
                if name == "load":
                    return self.load()
                if name == "init":
                    self.__init__(io.BytesIO(b"(Pload\nI7\nt.(I8\nl."))
                if name == "memo":
                    self.memo.clear()
                return name

        data = b"((I1\nPload\nPmemo\nPinit\nI2\nt.(lp0\nI3\na.I6\n."
        loader = Nested(io.BytesIO(data))
        self.assertRaises(_pickle.UnpicklingError, loader.load)
        loader = Nested(io.BytesIO(b"(I1\n(Pload\n(lp0\nI3\na.lPmemo\nt."))
        self.assertEqual(loader.load(), (1, [[3]], "memo"))

    def test_load_in_thread(self):
        """While a hook runs, no other thread can use the Unpickler."""
        def load():
            errors.append(answer(loader.load)[0])

        class Waiting(_pickle.Unpickler):
            def persistent_load(self, name):
                thread = threading.Thread(target=load)
                thread.start()
                thread.join()
                return name

        errors = []
        loader = Waiting(io.BytesIO(b"(I1\nPid\nt."))
        self.assertEqual(loader.load(), (1, "id"))
        self.assertEqual(errors, ["RuntimeError"])

    def test_changed_containers(self):
        for kind, message in ((dict, "dictionary changed"), (set, "set changed")):
            class Grow:
                def __reduce__(self):
                    if kind is dict:
                        container[object] = 1
                    else:
                        container.add(object)
                    return str, ()

            container = {Grow(): 1, 5: Grow()} if kind is dict else {Grow(), 5}
            self.assertRaisesRegex(RuntimeError, message, _pickle.dumps, container, 4)

        class Shrink:
            def __reduce__(self):
                items.clear()
                return str, ()

        items = [Shrink(), 2, 3]
        self.assertEqual(_pickle.loads(_pickle.dumps(items)), [""])

    def test_released_buffer(self):
        for result in (True, False):
            def callback(buffer):
                buffer.release()
                return result

            self.assertRaises(ValueError, _pickle.dumps, _pickle.PickleBuffer(b"abc"), 5,
                              buffer_callback=callback)

    def test_kept_view(self):
        """A file that keeps what readinto() got has nothing."""
        class File(io.BytesIO):
            def readinto(self, view):
                self.view = view
                return super().readinto(view)

        file = File(_pickle.dumps(b"x" * 100000))
        self.assertEqual(len(_pickle.load(file)), 100000)
        self.assertRaises(ValueError, len, file.view)

    def test_kept_part_of_view(self):
        """Views of what readinto() got hold the memory, and its size."""
        class File(io.BytesIO):
            def readinto(self, view):
                self.part = view[-10:]
                return super().readinto(view)

        for data in (b"x" * 100000, bytearray(b"x" * 100000)):
            file = File(pickle.dumps(data, 5))
            result = _pickle.load(file)
            self.assertEqual(result, data)
            del result
            gc.collect()
            self.assertEqual(file.part, b"x" * 10)
            file.part[:] = b"y" * 10

        class Endless(File):
            def readinto(self, view):
                self.part = view[:1]
                return len(view)

        size = (64 << 20) + 1
        for opcode in b"\x8e", b"\x96":
            file = Endless(opcode + size.to_bytes(8, "little"))
            self.assertRaises(BufferError, _pickle.load, file)

    def test_input_gone_in_error_handler(self):
        """A handler of decoding errors may drop the piece of input that is decoded."""
        class File:
            def __init__(self, data):
                self.file = io.BytesIO(data)

            def readline(self):
                return bytearray(self.file.readline())

            def read(self, size):
                return bytearray(self.file.read(size))

        def handler(error):
            unpickler.__init__(File(b"."))
            self.kept.append(bytearray(b"y" * len(error.object)))
            return "?", error.end

        self.kept = []
        text = (b"a" * 10 + b"\xff" + b"b" * 20) * 30
        unpickler = _pickle.Unpickler(File(b"X" + len(text).to_bytes(4, "little") + text))
        old = codecs.lookup_error("surrogatepass")
        codecs.register_error("surrogatepass", handler)
        try:
            result = unpickler.load()
        finally:
            codecs.register_error("surrogatepass", old)
        self.assertEqual(result, ("a" * 10 + "?" + "b" * 20) * 30)

    def test_collected(self):
        """Cycles through a Pickler or an Unpickler."""
        class Own(_pickle.Pickler):
            pass

        class OwnLoader(_pickle.Unpickler):
            pass

        gc.collect()
        for _ in range(10):
            pickler = Own(io.BytesIO())
            pickler.persistent_id = lambda obj, pickler=pickler: None
            pickler.dump([pickler.memo, 5])
            loader = OwnLoader(io.BytesIO(b"(I1\nPload\nt."))
            loader.persistent_load = lambda name, loader=loader: loader
            loader.load()
            loader.memo = {1: loader, 1 << 40: loader}
        del pickler, loader
        gc.collect()
        self.assertFalse([o for o in gc.get_objects() if type(o) in (Own, OwnLoader)])


@ladon_support.needs_failing_allocations
class NoMemoryTests(unittest.TestCase):
    def check(self, action):
        """Let the n-th allocation fail, for all n: MemoryError, and nothing is lost."""
        lost, number = ladon_support.lost_blocks(action, (MemoryError, _pickle.PickleError))
        self.assertLess(lost, 60)
        self.assertGreater(number, 10)

    def test_dumps(self):
        items = [1 << 70, 1.5, "\u20ac", b"x", bytearray(b"y"), {1: (2, 3, 4, 5)}, {6}, Plain(a=1),
                 Slots, frozenset({1}), NewArguments(1, b=2)]
        for protocol in range(6):
            self.check(lambda: _pickle.dumps(items, protocol))
        self.check(lambda: _pickle.Pickler(io.BytesIO(), 5).dump([str(i) for i in range(40)]))

    def test_loads(self):
        items = [1 << 70, 1.5, "\u20ac", b"x", bytearray(b"y"), {1: (2, 3, 4, 5)}, {6}, Plain(a=1),
                 Slots, frozenset({1}), NewArguments(1, b=2), collections.OrderedDict(a=1)]
        for protocol in range(6):
            data = _pickle.dumps(items, protocol)
            self.check(lambda: _pickle.loads(data))
            self.check(lambda: _pickle.load(Reader(data)))
        self.check(lambda: _pickle.loads(b"(" * 30 + b"Nr\xff\xff\xff\xff" + b"l" * 30 + b"."))


if __name__ == "__main__":
    unittest.main()
