#!/usr/bin/env python3
"""Generate the shared static objects of the core.

Usage: generate_static_objects.py OUTDIR SRCDIR [DIR ...]

Scans every .c and .h file below SRCDIR/{Objects,Python,Parser,Modules,Programs,Include}
(and in the further directories: generated sources) for

  - ``_Py_ID(name)``: the static, interned str "name";
  - ``_Py_DECLARE_STR(name, "text")`` with ``_Py_STR(name)``: other static strings;
  - rows of method, member and getset tables (``{"name", ...``, ``.name = "name"``) and signature
    comments (``/*sig class.name(arg, ...)``): their names become static strings, so that an
    attribute name is the same object in every interpreter.

and writes, only when its content changes, OUTDIR/static_objects.c: the definitions (one symbol a
string, so that a new one recompiles nothing else) and a perfect hash over all static strings.

The perfect hash is "hash and displace" (Belazzougui, Botelho, Dietzfelbinger, 2009): the bytes
are hashed once with FNV-1a; the low bits choose a bucket, the bucket's displacement the slot.
"""

import os
import re
import sys

ID = re.compile(r"_Py_ID(?:_DECLARE)?\((\w+)\)")
DECLARED = re.compile(r'_Py_DECLARE_STR\((\w+),\s*"((?:[^"\\]|\\.)*)"\)')
ROW = re.compile(r'\{\s*"([A-Za-z_][A-Za-z0-9_]*)"\s*,')
FIELD = re.compile(r'\.name\s*=\s*"([A-Za-z_][A-Za-z0-9_]*)"')
SIGNATURE = re.compile(r"/\*sig\s+(?:@\w+\s+)*([\w.]+)\(((?:[^\n]|\n(?!\s*\n))*)\)")
# Slot names of the object model: operators come as special methods.
SLOT = re.compile(r'"(__[a-z_]+__)"')
TOP = ("Objects", "Python", "Parser", "Modules", "Programs", "Include")
# Names that no source line mentions but every program uses.
ALWAYS = """__name__ __doc__ __module__ __qualname__ __dict__ __class__ __file__ __path__ __spec__
__loader__ __package__ __cached__ __builtins__ __main__ __init__ __new__ __call__ self cls args
kwargs key value name data path mode file end sep flush encoding errors newline""".split()


def sources(srcdir, extra):
    """Yield the paths of all C sources and headers, sorted."""
    roots = [os.path.join(srcdir, top) for top in TOP] + list(extra)
    for root in roots:
        for folder, dirs, files in os.walk(root):
            dirs.sort()
            for name in sorted(files):
                if name.endswith((".c", ".h")) and name != "static_objects.c":
                    yield os.path.join(folder, name)


def parameters(text):
    """Yield the parameter names of a signature's argument list."""
    for part in re.split(r",(?![^\[]*\])", text):
        match = re.match(r"\s*\**\s*([A-Za-z_]\w*)", part)
        if match:
            yield match.group(1)


def collect(paths):
    """Return (identifiers: set of str, others: dict name -> text)."""
    ids = set(ALWAYS)
    others = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for name, literal in DECLARED.findall(text):
            value = literal.encode().decode("unicode_escape")
            if others.setdefault(name, value) != value:
                raise SystemExit(f"{path}: _Py_DECLARE_STR({name}) has two texts")
        ids.update(n for n in ID.findall(text) if n != "NAME")
        if path.endswith(".c"):
            ids.update(ROW.findall(text))
            ids.update(FIELD.findall(text))
            ids.update(SLOT.findall(text))
            for qualified, args in SIGNATURE.findall(text):
                ids.add(qualified.rpartition(".")[2])
                ids.update(parameters(args))
    return ids, others


def fnv1a(data):
    """32-bit FNV-1a of bytes, as _Py_static_string_lookup computes it."""
    h = 2166136261
    for byte in data:
        h = ((h ^ byte) * 16777619) & 0xFFFFFFFF
    return h


def mix(h, displacement):
    """Slot hash of a key for one displacement (before reduction)."""
    h = (h ^ (displacement * 0x9E3779B1)) & 0xFFFFFFFF
    h = (h ^ (h >> 15)) * 0x85EBCA6B & 0xFFFFFFFF
    return h ^ (h >> 13)


def perfect_hash(keys):
    """Return (displacements, slots): slots[i] is an index into keys or -1."""
    size = 1
    while size < len(keys) * 2:
        size *= 2
    n_buckets = max(1, size // 8)
    buckets = [[] for _ in range(n_buckets)]
    hashes = [fnv1a(key) for key in keys]
    if len(set(hashes)) != len(hashes):
        raise SystemExit("two static strings have the same FNV-1a hash")
    for index, h in enumerate(hashes):
        buckets[h % n_buckets].append(index)
    slots = [-1] * size
    displacements = [0] * n_buckets
    for bucket in sorted(range(n_buckets), key=lambda b: -len(buckets[b])):
        members = buckets[bucket]
        if not members:
            continue
        for displacement in range(1, 65536):
            places = [mix(hashes[i], displacement) & (size - 1) for i in members]
            if len(set(places)) == len(places) and all(slots[p] < 0 for p in places):
                break
        else:
            raise SystemExit("no perfect hash found")
        displacements[bucket] = displacement
        for i, place in zip(members, places):
            slots[place] = i
    return displacements, slots


def c_string(text):
    """Return text (ASCII) as a C string literal."""
    out = []
    for ch in text:
        code = ord(ch)
        if ch in '"\\':
            out.append("\\" + ch)
        elif 32 <= code < 127:
            out.append(ch)
        else:
            out.append(f"\\{code:03o}")
    return '"' + "".join(out) + '"'


def write_if_changed(path, text):
    """Write text to path unless the file holds it already."""
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    except FileNotFoundError:
        pass
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def ascii_init(text):
    """Return the initialiser of a static ASCII str of the state "interned, shared"."""
    return (f"{{_Py_STATIC_STR({len(text)}), {c_string(text)}}}")


def definitions(ids, others):
    """Return the text of static_objects.c."""
    strings = [("id_" + name, name) for name in ids]
    strings += [("str_" + name, text) for name, text in others.items()]
    keyed = {}
    for field, text in strings:
        if len(text) > 1:
            keyed.setdefault(text, field)
    texts = sorted(keyed)
    displacements, slots = perfect_hash([t.encode("ascii") for t in texts])
    out = [
        "/* Generated by Tools/build/generate_static_objects.py: do not edit.",
        " *",
        " * Shared static objects: small ints, characters, empty containers, the strings that the",
        " * core names.  Complete at build time; only cached hashes are written later. */",
        '#include "Python.h"',
        '#include "pycore_global_objects.h"',
        '#include "pycore_strings.h"',
        '#include "pycore_object.h"',
        "",
        "#include <string.h>",
        "",
        "/* interned: 3 = static; kind 1, compact, ascii */",
        "#define _Py_STATIC_STR(LENGTH) \\",
        "    {.ob_base = _PyObject_HEAD_INIT(&PyUnicode_Type), .length = (LENGTH), .hash = -1, \\",
        "     .state = {.interned = 3, .kind = 1, .compact = 1, .ascii = 1, \\",
        "               .statically_allocated = 1}}",
        "#define LONG(TAG, DIGIT) \\",
        "    {.ob_base = _PyObject_HEAD_INIT(&PyLong_Type), \\",
        "     .long_value = {.lv_tag = (TAG), .ob_digit = {DIGIT}}}",
        "#define CHARACTER(CH) {_Py_STATIC_STR(1), {(CH), 0}}",
        "#define BYTE(CH) \\",
        "    {{.ob_base = _PyVarObject_HEAD_INIT(&PyBytes_Type, 1), .ob_shash = -1, \\",
        "      .ob_sval = {(char)(CH)}}, 0}",
        "#define LATIN1(CH, UTF8) \\",
        "    {{._base = {.ob_base = _PyObject_HEAD_INIT(&PyUnicode_Type), .length = 1, \\",
        "                .hash = -1, \\",
        "                .state = {.interned = 3, .kind = 1, .compact = 1, .ascii = 0, \\",
        "                          .statically_allocated = 1}}, \\",
        "      .utf8_length = 2, .utf8 = (char *)(UTF8)}, {(CH), 0}}",
        "",
        "_Py_SHARED struct _Py_static_objects _Py_static_objects = {",
        "    .small_ints = {",
    ]
    for value in range(-5, 257):
        tag = (1 << 3 | (2 if value < 0 else 0)) if value else 1
        out.append(f"        LONG({tag}, {abs(value)}),")
    out += [
        "    },",
        "    .bytes_empty = {.ob_base = _PyVarObject_HEAD_INIT(&PyBytes_Type, 0), .ob_shash = -1},",
        "    .bytes_characters = {",
    ]
    out += [f"        BYTE({value})," for value in range(256)]
    out += ["    },", "    .ascii = {"]
    out += [f"        CHARACTER({value})," for value in range(128)]
    out += ["    },", "    .latin1 = {"]
    for value in range(128, 256):
        utf8 = "".join(f"\\{byte:03o}" for byte in chr(value).encode())
        out.append(f'        LATIN1({value}, "{utf8}"),')
    out += [
        "    },",
        "    .str_empty = {_Py_STATIC_STR(0), {0}},",
        "    .tuple_empty = {.ob_base = _PyVarObject_HEAD_INIT(&PyTuple_Type, 0)},",
        "};",
        "",
    ]
    out += [f"_Py_SHARED struct {{ PyASCIIObject ob; char data[{len(text) + 1}]; }} "
            f"_Py_{field} = {ascii_init(text)};" for field, text in strings]
    out += ["", f"#define N_SLOTS {len(slots)}", f"#define N_BUCKETS {len(displacements)}", ""]
    out.append("static const uint16_t displacements[N_BUCKETS] = {")
    out += ["    " + ", ".join(map(str, displacements[i:i + 16])) + ","
            for i in range(0, len(displacements), 16)]
    out += ["};", "", "static PyASCIIObject *const slots[N_SLOTS] = {"]
    for slot in slots:
        out.append("    NULL," if slot < 0
                   else f"    &_Py_{keyed[texts[slot]]}.ob,")
    out += [
        "};",
        "",
        "PyObject *",
        "_Py_static_string_lookup(const char *data, size_t size)",
        "{",
        "    if (size <= 1) {",
        "        if (size == 0) {",
        "            return _PyUnicode_EMPTY;",
        "        }",
        "        unsigned char ch = (unsigned char)data[0];",
        "        return ch < 128 ? _PyUnicode_LATIN1_CHAR(ch) : NULL;",
        "    }",
        f"    if (size > {max(map(len, texts))}) {{",
        "        return NULL;",
        "    }",
        "    uint32_t hash = 2166136261u;",
        "    for (size_t i = 0; i < size; i++) {",
        "        hash = (hash ^ (unsigned char)data[i]) * 16777619u;",
        "    }",
        "    uint32_t h = hash ^ (displacements[hash % N_BUCKETS] * 0x9E3779B1u);",
        "    h = (h ^ (h >> 15)) * 0x85EBCA6Bu;",
        "    h ^= h >> 13;",
        "    PyASCIIObject *op = slots[h & (N_SLOTS - 1)];",
        "    if (op == NULL || (size_t)op->length != size ||",
        "        memcmp((const char *)(op + 1), data, size) != 0) {",
        "        return NULL;",
        "    }",
        "    return (PyObject *)op;",
        "}",
        "",
    ]
    return "\n".join(out)


def main(argv):
    """Run the generator; argv as in the module's docstring."""
    if len(argv) < 3:
        raise SystemExit(__doc__)
    outdir, srcdir, extra = argv[1], argv[2], argv[3:]
    ids, others = collect(sources(srcdir, extra))
    ids = sorted(ids)
    others = dict(sorted((k, v) for k, v in others.items()))
    for text in list(ids) + list(others.values()):
        text.encode("ascii")
    write_if_changed(os.path.join(outdir, "static_objects.c"), definitions(ids, others))


if __name__ == "__main__":
    main(sys.argv)
