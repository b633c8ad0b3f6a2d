#!/usr/bin/env python3
"""Throw damaged input at the parts that read bytes or text from outside.

Usage: ./python fuzz.py [--seconds N] [--seed N] [--keep FILE] [--replay FILE] [TARGET ...]

Targets: source marshal struct re json zlib pickle codec format (default: all, in turn).  What must
not happen is a crash or a SystemError (but for marshal, where CPython has it too); every other
exception is right.  The input of the case that runs is kept in FILE (default: fuzz.case), so that
a crash can be run again with --replay FILE.

Meant for a build with sanitizers (make check-all runs it there for a while).
Written from the library reference of the modules it calls.
"""

import argparse
import ast
import builtins
import io
import json
import marshal
import os
import pickle
import pickletools
import random
import re
import struct
import sys
import time
import warnings
import zlib

MAX_SOURCE = 4000       # characters of a source that are damaged and compiled at once


def library_files():
    """Return the paths of the standard library's top modules."""
    folder = os.path.dirname(os.__file__)
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))
            if name.endswith(".py")]


def damage(rng, data, pieces):
    """Return the list or bytearray with a few random changes."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(6)
        if kind == 0 and at < len(data):
            data[at] = rng.choice(pieces)
        elif kind == 1:
            data[at:at] = [rng.choice(pieces)]
        elif kind == 2:
            del data[at:at + rng.choice((1, 1, 2, 5, 30))]
        elif kind == 3:
            end = at + rng.randrange(1, 20)
            data[at:at] = data[at:end]
        elif kind == 4:
            del data[at:]
        else:
            other = rng.randrange(len(data) + 1)
            size = rng.randrange(1, 20)
            data[at:at + size], data[other:other + size] = (data[other:other + size],
                                                            data[at:at + size])
    return data


class Fuzzer:
    """Makes cases (a target's name and its input, bytes) and runs them."""

    tokens = (
        "( ) [ ] { } : , ; . ... @ = == := -> + - * ** / // % & | ^ ~ < > << >> != += *= def class "
        "if elif else for while try except except* finally with as lambda yield from return raise "
        "import global nonlocal del pass break continue assert async await match case type not in "
        "is and or None True False x _ 0 1 1.5 2j 0x 0o8 1_ 1__0 'a' b'a' f'{x}' f'{ f\"\"\" ''' "
        "\" \\ \\N{dot} # $ ? ! \n \t \f \0 é λ \ufeff \ud800 \U0001F600").split(" ")
    pattern = (
        "a b . ^ $ | * + ? *? ++ {2} {2,} {,3} {1,2}? ( ) (?: (?= (?! (?<= (?<! (?P<n> (?P=n) (?> "
        "(?i) (?i: (?-i: (?(1) \\1 \\2 \\d \\w \\b \\B \\A \\Z [ ] [^ - a-z \\x41 "
        "\\u00e9 ß").split()

    def __init__(self, rng):
        self.rng = rng
        self.files = library_files()
        self.objects = [None, True, 2 ** 70, -5, 1.5, 2j, "text", "\u20ac\ud800", b"bytes",
                        (1, (2,)), [1, [2]], {"k": (1, 2)}, frozenset({1, 2}), {3}, ...,
                        StopIteration]

    # ---- source: str as UTF-8 --------------------------------------------------------------

    def make_source(self):
        """A piece of a library file, damaged by tokens and characters."""
        with open(self.rng.choice(self.files), encoding="utf-8") as file:
            text = file.read()
        start = text.find("\n", self.rng.randrange(len(text) + 1)) + 1
        parts = re.findall(r"\w+|\s+|.", text[start:start + self.rng.randrange(MAX_SOURCE)])
        data = damage(self.rng, parts, self.tokens)
        return "".join(data).encode("utf-8", "surrogatepass")

    def run_source(self, data):
        """Compile; what compiles is unparsed, too."""
        tree = ast.parse(data.decode("utf-8", "surrogatepass"), type_comments=True)
        compile(tree, "fuzz", "exec")
        ast.parse(ast.unparse(tree))

    def make_bytes(self):
        """The same as bytes in some encoding."""
        cookie = self.rng.choice((b"", b"", b"\xef\xbb\xbf", b"# coding: latin-1\n",
                                  b"#coding:utf-8\n", b"# -*- coding: cp1252 -*-\n",
                                  b"#coding=nul\n"))
        return bytes(damage(self.rng, bytearray(cookie + self.make_source()), range(256)))

    def run_bytes(self, data):
        """Compile bytes: the decoding of source files."""
        compile(data, "fuzz", "exec", dont_inherit=True)

    # ---- marshal, pickle, zlib, json: bytes ----------------------------------------------------

    def make_marshal(self):
        """A dump of objects or of a code object, damaged."""
        if self.rng.randrange(3):
            items = self.rng.choices(self.objects[:-1], k=self.rng.randrange(1, 9))
            data = marshal.dumps(items, self.rng.randrange(5))
        else:
            with open(self.rng.choice(self.files), encoding="utf-8") as file:
                lines = file.read().splitlines(True)
            try:
                data = marshal.dumps(compile("".join(lines[:60]), "f", "exec"))
            except SyntaxError:
                data = marshal.dumps(compile("def f(x): return x", "f", "exec"))
        return bytes(damage(self.rng, bytearray(data), range(256)))

    def run_marshal(self, data):
        """Load; code objects are looked at, not run."""
        found = marshal.loads(data)
        if type(found) is type(compile("0", "f", "exec")):
            found.co_consts, found.co_varnames, found.co_cellvars, found.co_freevars, found.co_code
            list(found.co_lines()), list(found.co_positions()), repr(found), hash(found)
            found.replace(co_name="x")

    def make_pickle(self):
        """A pickle, damaged."""
        items = self.rng.choices(self.objects, k=self.rng.randrange(1, 9))
        data = pickle.dumps(items + [items], self.rng.randrange(6))
        # Opcodes more often than other bytes: they are what the machine does.
        pieces = list(range(256)) + 5 * [ord(op.code) for op in pickletools.opcodes]
        return bytes(damage(self.rng, bytearray(data), pieces))

    def run_pickle(self, data):
        """Load, with nothing but harmless names: from files of two kinds and in memory."""
        def find_class(_self, module, name):
            if module in ("builtins", "__builtin__") and name in ("set", "frozenset", "complex",
                                                                 "StopIteration", "bytearray"):
                return getattr(builtins, name)
            raise pickle.UnpicklingError(name)

        def load(base, file):
            loader = type("Loader", (base,), {"find_class": find_class,
                                              "persistent_load": lambda _self, name: [name]})
            try:
                pickle.dumps(loader(file, buffers=[bytearray(3)]).load())
            except SystemError:
                raise
            except Exception:
                pass

        load(pickle._Unpickler, io.BytesIO(data))
        load(pickle.Unpickler, io.BytesIO(data))
        load(pickle.Unpickler, io.BufferedReader(io.BytesIO(data), 16))
        if not re.search(rb"[ci\x82-\x84\x93]", data):
            pickle.loads(data, encoding="bytes", buffers=[b"x", bytearray(3)])

    def make_zlib(self):
        """Compressed bytes, damaged."""
        data = bytes(self.rng.choices(b"abc", k=self.rng.randrange(500)))
        wbits = self.rng.choice((15, -15, 31))
        packer = zlib.compressobj(self.rng.randrange(10), zlib.DEFLATED, wbits)
        data = packer.compress(data) + packer.flush()
        return bytes(damage(self.rng, bytearray(data), range(256)))

    def run_zlib(self, data):
        """Decompress in one go and in pieces."""
        for wbits in (15, -15, 47):
            stream = zlib.decompressobj(wbits, **({"zdict": b"abcabc"} if wbits > 0 else {}))
            try:
                for at in range(0, len(data), 7):
                    stream.decompress(stream.unconsumed_tail + data[at:at + 7], 50)
                stream.copy().flush(10)
                stream.flush()
                zlib.decompress(data, wbits)
            except zlib.error:
                pass

    def make_json(self):
        """JSON text, damaged."""
        items = [None, True, -1.5e300, 10 ** 30, "t\u20ac\n\"", {"k": [1, {}]}, [[[]]], 1e999]
        text = json.dumps(self.rng.choices(items, k=5), ensure_ascii=self.rng.randrange(2) > 0)
        pieces = list("[]{},:\"\\-+.eE0189 \n\0u\ud800é")
        pieces += ["NaN", "null", "\\u12", "\\ud83d\\ude"]
        return "".join(damage(self.rng, list(text), pieces)).encode("utf-8", "surrogatepass")

    def run_json(self, data):
        """Load and dump again."""
        json.dumps(json.loads(data.decode("utf-8", "surrogatepass")), indent=2, sort_keys=True)
        json.loads(data)

    # ---- struct, re, codecs, formats -------------------------------------------------------------

    def make_struct(self):
        """A format, and bytes behind a newline."""
        letters = "xcbB?hHiIlLqQnNefdspP@=<>! 0123456789"
        text = "".join(self.rng.choices(letters, k=self.rng.randrange(1, 12)))
        return text.encode() + b"\n" + self.rng.randbytes(self.rng.randrange(64))

    def run_struct(self, data):
        """Unpack, pack again, unpack with offsets beyond the ends."""
        text, _, data = data.partition(b"\n")
        layout = struct.Struct(text)
        if layout.size > 1 << 20:
            return
        values = layout.unpack((data + bytes(layout.size))[:layout.size])
        layout.pack(*values)
        buffer = bytearray(layout.size + 5)
        layout.pack_into(buffer, 3, *values)
        for offset in (-1, -layout.size, len(buffer), 1 << 62, -(1 << 62)):
            try:
                layout.unpack_from(buffer, offset)
            except struct.error:
                pass

    def make_re(self):
        """A pattern of random pieces."""
        return "".join(self.rng.choices(self.pattern, k=self.rng.randrange(1, 14))).encode()

    def run_re(self, data):
        """Compile, then search in short texts: the time of a match may grow exponentially."""
        regex = re.compile(data.decode(), self.rng.choice((0, re.I, re.M, re.S, re.X, re.A | re.I)))
        for text in ("", "a", "aabbab", "ab\u00e9A\nß", "\U0001F600ab"):
            found = regex.search(text)
            if found:
                found.groups(), found.groupdict(), found.span(), found.expand("\\g<0>")
            regex.sub("x", text), regex.split(text), regex.findall(text), regex.fullmatch(text)
        re.purge()

    def make_codec(self):
        """Bytes for decoders."""
        tail = self.rng.choice((b"", b"\xe2\x82", b"+AGE"))
        return self.rng.randbytes(self.rng.randrange(30)) + tail

    def run_codec(self, data):
        """Decode with all codecs in C and all error handlers, and encode the result."""
        for codec in ("utf-8", "utf-7", "utf-16", "utf-32", "ascii", "latin-1", "unicode_escape",
                      "raw_unicode_escape", "utf-16-be", "cp1252"):
            for errors in ("strict", "replace", "ignore", "backslashreplace", "surrogateescape",
                           "surrogatepass"):
                try:
                    data.decode(codec, errors).encode(codec, errors)
                except UnicodeError:
                    pass

    def make_format(self):
        """A format specification."""
        pieces = "{}!:.%#<>=^+- 0123456789,_bcdeEfFgGnosxXra[]é*()k"
        return "".join(self.rng.choices(pieces, k=8)).encode()

    def run_format(self, data):
        """Use it for %, format() and str.format()."""
        text = data.decode()
        if re.search(r"\d{5}", text):
            return          # a width of many gigabytes is right, and slow
        for value in (5, -2 ** 70, 1.5, 2j, "text", b"b", True):
            for use in (lambda: "%" + text.replace("%", "") % value, lambda: format(value, text),
                        lambda: ("{" + text).format(value, k=value), lambda: text % {"k": value},
                        lambda: data % value):
                try:
                    use()
                except SystemError:
                    raise
                except Exception:
                    pass

    # ---- running -------------------------------------------------------------------------------

    def run(self, target, data):
        """Run one case; True if it raised nothing."""
        try:
            getattr(self, "run_" + target)(data)
            return True
        except SystemError:
            if target != "marshal":
                raise
            return False
        except Exception:
            return False


TARGETS = [name[5:] for name in vars(Fuzzer) if name.startswith("make_")]


def main():
    """Run; arguments as in the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", default="fuzz.case")
    parser.add_argument("--replay")
    parser.add_argument("targets", nargs="*")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    seed = random.randrange(1 << 32) if args.seed is None else args.seed
    fuzzer = Fuzzer(random.Random(seed))
    if args.replay:
        with open(args.replay, "rb") as file:
            target, _, data = file.read().partition(b"\n")
        print(target.decode(), "ran well" if fuzzer.run(target.decode(), data) else "raised")
        return 0
    targets = args.targets or TARGETS
    unknown = set(targets) - set(TARGETS)
    if unknown:
        parser.error("no such target: " + " ".join(sorted(unknown)))
    print("seed", seed, flush=True)
    end = time.monotonic() + args.seconds
    counts = {target: [0, 0] for target in targets}
    keep = os.open(args.keep, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o666)
    while time.monotonic() < end:
        for target in targets:
            data = getattr(fuzzer, "make_" + target)()
            os.pwrite(keep, target.encode() + b"\n" + data, 0)
            os.ftruncate(keep, len(target) + 1 + len(data))
            counts[target][fuzzer.run(target, data)] += 1
    os.close(keep)
    os.unlink(args.keep)
    for target, (raised, well) in counts.items():
        print(f"{target:8} {raised + well:7} cases, {well} without an exception")
    return 0


if __name__ == "__main__":
    sys.exit(main())
