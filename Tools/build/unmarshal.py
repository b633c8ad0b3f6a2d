"""Read marshalled code objects (format 4) with any Python 3.9+: code becomes `Code` tuples.

Written from the documented use of the format and the dumps of 3.12.  Only what compiled modules
contain is understood; anything else is an error.
"""

import struct
from collections import namedtuple

FIELDS = ("argcount posonlyargcount kwonlyargcount stacksize flags code consts names "
          "localsplusnames localspluskinds filename name qualname firstlineno linetable "
          "exceptiontable")
Code = namedtuple("Code", FIELDS)
Str = namedtuple("Str", "text interned")


class Reader:
    """Parses one dump; `load` returns the object."""

    def __init__(self, data):
        self.data = data
        self.pos = 0
        self.refs = []

    def take(self, size):
        part = self.data[self.pos:self.pos + size]
        if len(part) != size:
            raise EOFError("marshal data too short")
        self.pos += size
        return part

    def long(self):
        return struct.unpack("<i", self.take(4))[0]

    def load(self):
        """Return the next object: bytes, int, Str, tuple, frozenset, Code, ..."""
        byte = self.take(1)[0]
        kind, flag = chr(byte & 0x7F), byte & 0x80
        if kind == "r":
            return self.refs[self.long()]
        slot = None
        if flag:
            slot = len(self.refs)
            self.refs.append(None)
        value = self.value(kind)
        if slot is not None:
            self.refs[slot] = value
        return value

    def value(self, kind):
        simple = {"N": None, "T": True, "F": False, ".": Ellipsis}
        if kind in simple:
            return simple[kind]
        if kind == "i":
            return self.long()
        if kind == "l":
            size = self.long()
            digits = [struct.unpack("<H", self.take(2))[0] for _ in range(abs(size))]
            number = sum(d << 15 * i for i, d in enumerate(digits))
            return -number if size < 0 else number
        if kind == "g":
            return struct.unpack("<d", self.take(8))[0]
        if kind == "y":
            return complex(*struct.unpack("<dd", self.take(16)))
        if kind == "s":
            return self.take(self.long())
        if kind in "aA":
            return Str(self.take(self.long()).decode("latin-1"), kind == "A")
        if kind in "zZ":
            return Str(self.take(self.take(1)[0]).decode("latin-1"), kind == "Z")
        if kind in "ut":
            return Str(self.take(self.long()).decode("utf-8", "surrogatepass"), kind == "t")
        if kind in ")(":
            size = self.take(1)[0] if kind == ")" else self.long()
            return tuple(self.load() for _ in range(size))
        if kind == ">":
            return frozenset_of(self.load() for _ in range(self.long()))
        if kind == "c":
            head = [self.long() for _ in range(5)]
            rest = [self.load() for _ in range(8)]
            line = self.long()
            return Code(*head, *rest, line, self.load(), self.load())
        raise ValueError(f"unexpected kind {kind!r} in marshal data")


class frozenset_of(tuple):
    """The members of a frozenset, in the order of the dump."""


def loads(data):
    """Return the object of a dump."""
    return Reader(data).load()
