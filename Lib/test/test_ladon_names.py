"""Every C module has the names, signatures and constants that CPython 3.12.1's has.

``ladon_names.tsv`` beside this file was observed by running
``python3.12 -I -S test_ladon_names.py --observe > ladon_names.tsv`` on CPython 3.12.1 (x86-64
Linux, glibc).  Its rows are: owner (an expression), name, type of the attribute, "doc" if it has a
docstring, and its signature, or its value if it is an integer.  Rows of the owner "except" name
what this interpreter does not have (or has otherwise), with the reason; they are written by hand
and the observation keeps them.
"""

import importlib
import os
import re
import sys
import unittest
import warnings

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ladon_names.tsv")

MODULES = """
    _abc _ast _asyncio _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr
    _codecs_tw _collections _contextvars _crypt _csv _ctypes _datetime _elementtree _functools
    _hashlib _imp _io _locale _lsprof _lzma _multibytecodec _multiprocessing _opcode _operator
    _pickle _posixshmem _posixsubprocess _random _sha2 _signal _socket _sqlite3 _sre _ssl _stat
    _statistics _string _struct _symtable _thread _tokenize _tracemalloc _typing _uuid _warnings
    _weakref _xxinterpchannels _xxsubinterpreters _zoneinfo atexit audioop builtins errno
    faulthandler fcntl gc grp itertools marshal math mmap posix pwd pyexpat readline resource select
    spwd sys syslog termios time zlib
""".split()

# Types that no module names; two spaces or a line's end between them.
HIDDEN_TYPES = """
    type(iter([]))  type(reversed([]))  type(iter(()))  type(iter(""))  type(iter("\\u20ac"))
    type(iter(b""))  type(iter(bytearray()))  type(iter(set()))  type(iter({}))
    type(iter({}.values()))  type(iter({}.items()))  type(reversed({}))
    type(reversed({}.values()))  type(reversed({}.items()))  type({}.keys())  type({}.values())
    type({}.items())  type(iter(range(0)))  type(iter(range(2**70)))  type(iter(int,1))
    type(iter(memoryview(b"")))  type(iter(list[int]))  type(lambda:0)
    type((lambda:0).__code__)  type((i for i in ()))  type(len)  type(None)  type(...)
    type(NotImplemented)  type(vars(int))  type(sys.implementation)  type(sys)
    type(int.numerator)  type(type(lambda:0).__globals__)  type(int.__add__)  type((1).__add__)
    type(str.join)  type(dict.__dict__["fromkeys"])  type(int|str)  type(list[int])
    type(sys._getframe())  type((lambda:x).__get__(1))
    type((lambda x: lambda: x)(1).__closure__[0])
    type(sys.flags)  type(sys.version_info)  type(sys.float_info)  type(sys.int_info)
    type(sys.hash_info)  type(sys.thread_info)  type(sys.get_asyncgen_hooks())
    type((lambda:x).__code__.co_lines())  type((lambda:x).__code__.co_positions())
    type(posix.scandir("/"))  type(select.poll())  type(zlib.compressobj())
    type(zlib.decompressobj())  type(_thread.allocate_lock())
    type(_functools.cmp_to_key(len))  type(_struct.iter_unpack("b",b""))  type(_sha2.sha256())
    type(_sha2.sha512())  type(_contextvars.copy_context().keys())
    type(_contextvars.copy_context().values())  type(_contextvars.copy_context().items())
    type(_symtable.symtable("1","f","exec"))  type(_string.formatter_parser(""))
    type(_string.formatter_field_name_split("")[1])  type(_io.BytesIO().getbuffer().obj)
    type(re.compile(""))  type(re.match("",""))  type(re.compile("").scanner(""))
    type(_xxsubinterpreters.get_main())  type(sys.monitoring)
    type(_datetime.date.min.isocalendar())  type(_pickle.Pickler(_io.BytesIO()).memo)
    type(_pickle.Unpickler(_io.BytesIO()).memo)  type(_elementtree.Element("").iter())
    type(_csv.reader([]))  type(_csv.writer(_io.StringIO()))
    type(_weakref.ref(int))  type(itertools.tee(())[0])  type(_thread._local())
    type(_ctypes.Structure)  type(_ctypes.Union)  type(_ctypes.Array)  type(_ctypes._Pointer)
    type(_ctypes._SimpleCData)  type(_ctypes.CFuncPtr)  _ctypes.Structure.__mro__[1]
"""
HIDDEN_TYPES = [text for text in re.split(r"\s{2,}|\n", HIDDEN_TYPES) if text]

# Attributes that tell how a module was found, and values that differ from run to run.
SKIPPED = {"__loader__", "__file__", "__spec__", "__package__", "_cast_addr", "_memmove_addr",
           "_memset_addr", "_string_at_addr", "_wstring_at_addr"}
MODULES_OF_THE_RUN = {"sys", "time"}


def namespace():
    """Return the names that the owners' expressions use."""
    names = {"re": re}
    for name in MODULES:
        names[name] = importlib.import_module(name)
    return names


def owners(names):
    """Yield (expression, module, type or hidden type) in the order of the table."""
    for name in MODULES:
        module = names[name]
        yield name, module
        for attribute in sorted(vars(module)):
            value = vars(module)[attribute]
            if (isinstance(value, type) and attribute not in SKIPPED
                    and (value.__module__ != "builtins" or name == "builtins")):
                yield f"{name}.{attribute}", value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)    # scandir() left open
        hidden = [(text, eval(text, names)) for text in HIDDEN_TYPES]
    yield from hidden


def describe(owner, value):
    """Return (type, "doc" or "", signature or value) of an attribute."""
    kind = type(value).__name__
    inner = value.__func__ if kind in ("staticmethod", "classmethod") else value
    if callable(inner):
        # Where the lines of a signature are broken does not matter.
        text = " ".join(str(inner.__text_signature__).split()) if hasattr(
            inner, "__text_signature__") else ""
    elif kind in ("getset_descriptor", "member_descriptor"):
        text = ""
    elif kind == "int" and owner.split(".")[0] not in MODULES_OF_THE_RUN:
        return kind, "", repr(value)
    else:
        return kind, "", ""
    return kind, "doc" if getattr(inner, "__doc__", None) else "", text


def rows(names):
    """Yield the rows of the table for this interpreter."""
    for owner, holder in owners(names):
        for name in sorted(vars(holder)):
            if not (name in SKIPPED and owner in MODULES):
                yield (owner, name, *describe(owner, vars(holder)[name]))


def read():
    """Return ({(owner, name): (type, doc, text)}, {(owner, name): reason}) of the table."""
    table, exceptions = {}, {}
    with open(DATA, encoding="utf-8") as file:
        for line in file:
            row = line.rstrip("\n").split("\t")
            if row[0] == "except":
                exceptions[row[1], row[2]] = row[3]
            else:
                table[row[0], row[1]] = tuple(row[2:])
    return table, exceptions


def observe():
    """Print the table of this interpreter, with the exceptions of the present one."""
    exceptions = read()[1] if os.path.exists(DATA) else {}
    for row in rows(namespace()):
        print(*row, sep="\t")
    for (owner, name), reason in exceptions.items():
        print("except", owner, name, reason, sep="\t")


class NameTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.table, cls.exceptions = read()
        cls.ours = {tuple(row[:2]): tuple(row[2:]) for row in rows(namespace())}
        cls.common = [key for key in cls.table
                      if key in cls.ours and key not in cls.exceptions]

    def differing(self, column, applies=lambda theirs: True):
        """Return the rows whose column differs."""
        return [(*key, self.table[key][column], self.ours[key][column]) for key in self.common
                if applies(self.table[key]) and self.table[key][column] != self.ours[key][column]]

    def test_table(self):
        """The table covers what it is for."""
        self.assertEqual(set(MODULES) - {owner for owner, name in self.table}, set())
        self.assertGreater(len(self.table), 5000)

    def test_names(self):
        """No name of CPython's is missing, except with a reason."""
        missing = [key for key in self.table
                   if key not in self.ours and key not in self.exceptions]
        self.assertEqual(missing, [])

    def test_exceptions(self):
        """Exceptions are needed and have a reason."""
        for key, reason in self.exceptions.items():
            self.assertGreater(len(reason), 10, key)
            self.assertIn(key, self.table)
            self.assertNotEqual(self.table[key], self.ours.get(key), key)

    def test_kinds(self):
        """Functions, methods, descriptors and classes are of the same kind."""
        self.assertEqual(self.differing(0, lambda theirs: theirs[0] not in (
            "NoneType", "TextIOWrapper")), [])

    def test_docstrings(self):
        """What has a docstring there has one here."""
        self.assertEqual(self.differing(1, lambda theirs: theirs[1] == "doc"), [])

    def test_signatures(self):
        """Signatures are equal, and so are the values of integer constants."""
        self.assertEqual(self.differing(2), [])


if __name__ == "__main__":
    if sys.argv[1:] == ["--observe"]:
        observe()
    else:
        unittest.main()
