"""The built-in types show what CPython 3.12 shows: flags, sizes, attributes, signatures.

The data, ladon_data/types.tsv, was observed on CPython 3.12:
python3.12 test_ladon_types.py --dump > ladon_data/types.tsv
"""

import builtins
import contextvars
import os
import sys
import types
import typing
import unittest
import warnings
import weakref
from collections import OrderedDict

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ladon_data", "types.tsv")

# Bits that tell of a type's history: a valid version tag, readiness.
VOLATILE_FLAGS = 1 << 19 | 1 << 12

# The sizes of these are a choice of this core (InternalDocs/objects.rst): they, and the offsets in
# them, are not compared.
OWN_LAYOUT = {
    "async_generator", "code", "coroutine", "fieldnameiterator", "formatteriterator", "frame",
    "function", "generator", "positions_iterator", "symtable entry",
}
# Heap types there, shared static types here: flags and layout differ.
STATIC_HERE = {"ParamSpec", "ParamSpecArgs", "ParamSpecKwargs", "TypeVar", "TypeVarTuple"}


def hidden_types():
    """The types that have no name in a module."""
    def function():
        return 1

    async def generator():
        yield 1

    async def coroutine():
        pass

    indexable = type("Indexable", (), {"__getitem__": lambda self, i: 1})
    for obj in ([], (), "\u1234", "", b"", bytearray(), set(), {}, {}.values(), {}.items(),
                range(1), range(1 << 80), memoryview(b""), indexable(), OrderedDict()):
        yield type(iter(obj))
    for obj in ([], {}, {}.values(), {}.items(), OrderedDict()):
        yield type(reversed(obj))
    yield type(iter(int, 1))
    for obj in ({}, OrderedDict()):
        yield from (type(obj.keys()), type(obj.values()), type(obj.items()))
    agen = generator()
    for awaitable in (agen.__anext__(), agen.athrow(ValueError), anext(agen, 1)):
        yield type(awaitable)
        if hasattr(awaitable, "close"):
            awaitable.close()
    coro = coroutine()
    yield type(coro.__await__())
    coro.close()
    for name in ("flags", "version_info", "float_info", "int_info", "hash_info", "thread_info"):
        yield type(getattr(sys, name))
    yield type(function.__code__.co_positions())
    yield type(function.__code__.co_lines())
    yield from (weakref.ref, weakref.ProxyType, weakref.CallableProxyType)
    yield from (typing.TypeVar, typing.ParamSpec, typing.ParamSpecArgs, typing.ParamSpecKwargs,
                typing.TypeVarTuple, typing.TypeAliasType, typing.Generic)
    yield from (contextvars.Context, contextvars.ContextVar, contextvars.Token,
                type(contextvars.Token.MISSING))


def all_types():
    """Return {shown name: type}."""
    found = {}
    candidates = [v for v in vars(builtins).values() if isinstance(v, type)]
    candidates += [v for v in vars(types).values()
                   if isinstance(v, type) and v.__module__ == "builtins"]
    candidates += [types.GenericAlias, types.SimpleNamespace, types.UnionType]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        candidates += list(hidden_types())
    for cls in candidates:
        if cls.__name__ != "BuiltinImporter":
            found[f"{cls.__module__}.{cls.__qualname__}"] = cls
    return found


def describe(cls):
    """Return the rows (lists of str) that describe a type: itself, then its attributes."""
    def text(value):
        return " ".join(value.split()) if isinstance(value, str) else repr(value)

    yield ["", hex(cls.__flags__ & ~VOLATILE_FLAGS), f"{cls.__basicsize__} {cls.__itemsize__}",
           f"{cls.__dictoffset__} {cls.__weakrefoffset__}",
           ",".join(base.__name__ for base in cls.__mro__), text(cls.__text_signature__),
           "doc" if cls.__doc__ is not None else "no doc"]
    for name, value in sorted(vars(cls).items()):
        yield [name, type(value).__name__, text(getattr(value, "__text_signature__", None)),
               "doc" if getattr(value, "__doc__", None) is not None else "no doc"]


class TypeFactsTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.expected = {}
        with open(DATA, encoding="utf-8") as file:
            for line in file:
                name, *row = line.rstrip("\n").split("\t")
                cls.expected.setdefault(name, []).append(row)

    def test_same_types(self):
        """Each type that 3.12 has is there, and no other."""
        self.assertEqual(sorted(all_types()), sorted(self.expected))

    def test_facts(self):
        """Flags, sizes, bases, signatures and attributes are 3.12's."""
        for name, cls in all_types().items():
            with self.subTest(name):
                actual = list(describe(cls))
                expected = [list(row) for row in self.expected[name]]
                if cls.__name__ in OWN_LAYOUT | STATIC_HERE:
                    for rows in (actual, expected):
                        rows[0][2] = rows[0][3] = "own"
                        if cls.__name__ in STATIC_HERE:
                            rows[0][1] = "own"
                self.maxDiff = None
                self.assertEqual(actual, expected)

    def test_comparison_sees_differences(self):
        """The comparison would notice a foreign attribute."""
        class Other(int):
            def conjugate(self):
                pass
        self.assertNotEqual(list(describe(Other)), self.expected["builtins.int"])


def dump():
    for name, cls in sorted(all_types().items()):
        for row in describe(cls):
            print(name, *row, sep="\t")


if __name__ == "__main__":
    if sys.argv[1:] == ["--dump"]:
        dump()
    else:
        unittest.main()
