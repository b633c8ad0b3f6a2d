#!/usr/bin/env python3
"""Generate the character type tables of the core.

Usage: generate_ctype.py OUTDIR [UNICODE_DATA_DIR]

Reads the Unicode 15.0 character database as Debian's package unicode-data installs it
(/usr/share/unicode) and writes OUTDIR/unicodetype_db.h, used by Objects/unicodectype.c only:

  - `type_records`: the distinct combinations of properties, `type_index1`/`type_index2`: a
    two-stage table from code points to them (the shift is the one that gives the smallest tables);
  - `special_cases`: sorted by code point, the full case mappings that are not one simple mapping;
  - `numeric_values`: sorted by code point, the numbers that are not a digit.

The file is written only when its content changes.
"""

import bz2
import os
import sys

DEFAULT_DIR = "/usr/share/unicode"
LIMIT = 0x110000

FLAGS = ["ALPHA", "DECIMAL", "DIGIT", "LOWER", "LINEBREAK", "SPACE", "TITLE", "UPPER", "XID_START",
         "XID_CONTINUE", "PRINTABLE", "NUMERIC", "CASE_IGNORABLE", "CASED", "SPECIAL_CASE"]
BIT = {name: 1 << i for i, name in enumerate(FLAGS)}


def rows(path):
    """Yield the ';'-separated fields of every line, comments removed."""
    opener = bz2.open if path.endswith(".bz2") else open
    with opener(path, "rt", encoding="utf-8") as file:
        for line in file:
            line = line.partition("#")[0].strip()
            if line:
                yield [field.strip() for field in line.split(";")]


def code_range(text):
    first, _, last = text.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


def property_sets(path, wanted):
    """Sets of code points per property of a "range ; property" file."""
    sets = {name: set() for name in wanted}
    for fields in rows(path):
        if fields[1] in sets:
            sets[fields[1]].update(code_range(fields[0]))
    return sets


class Database:
    """What the files say, by code point."""

    def __init__(self, folder):
        def path(name):
            return os.path.join(folder, name)

        self.info = {}
        first = None
        for fields in rows(path("UnicodeData.txt")):
            code = int(fields[0], 16)
            if fields[1].endswith(", First>"):
                first = code
                continue
            start = code if first is None else first
            first = None
            for c in range(start, code + 1):
                self.info[c] = fields
        self.derived = property_sets(
            path("DerivedCoreProperties.txt"),
            ["Lowercase", "Uppercase", "XID_Start", "XID_Continue", "Cased", "Case_Ignorable"])
        self.breaks = set()
        for fields in rows(path("LineBreak.txt")):
            if fields[1] in ("BK", "CR", "LF", "NL"):
                self.breaks.update(code_range(fields[0]))
        self.special = {}
        for fields in rows(path("SpecialCasing.txt")):
            if not (len(fields) > 4 and fields[4]):     # no condition
                self.special[int(fields[0], 16)] = [
                    [int(c, 16) for c in text.split()] for text in fields[1:4]]
        self.fold = {}
        for fields in rows(path("CaseFolding.txt")):
            if fields[1] in "CF":
                self.fold[int(fields[0], 16)] = [int(c, 16) for c in fields[2].split()]
        self.unihan = {}
        for line in unihan_lines(path("Unihan_NumericValues.txt.bz2")):
            code, tag, value = line.split("\t")
            if tag in ("kAccountingNumeric", "kOtherNumeric", "kPrimaryNumeric"):
                self.unihan[int(code[2:], 16)] = value.split()[0].replace(",", "")


def unihan_lines(path):
    with bz2.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if line and not line.startswith("#"):
                yield line


def simple(fields, index, code, default):
    return int(fields[index], 16) if fields[index] else default


def flags_of(db, code, fields):
    category, bidi = fields[2], fields[4]
    flags = 0
    for name, true in (
            ("ALPHA", category in ("Lm", "Lt", "Lu", "Ll", "Lo")),
            ("LOWER", code in db.derived["Lowercase"]),
            ("UPPER", code in db.derived["Uppercase"]),
            ("TITLE", category == "Lt"),
            ("LINEBREAK", code in db.breaks or bidi == "B"),
            ("SPACE", category == "Zs" or bidi in ("WS", "B", "S")),
            ("PRINTABLE", code == 0x20 or category[0] not in "CZ"),
            ("XID_START", code in db.derived["XID_Start"]),
            ("XID_CONTINUE", code in db.derived["XID_Continue"]),
            ("CASED", code in db.derived["Cased"]),
            ("CASE_IGNORABLE", code in db.derived["Case_Ignorable"]),
            ("DECIMAL", bool(fields[6])),
            ("DIGIT", bool(fields[7])),
            ("NUMERIC", bool(fields[8]) or code in db.unihan)):
        if true:
            flags |= BIT[name]
    return flags


def describe(db):
    """(record, special case or None, numeric text or None) for every assigned code point."""
    for code, fields in sorted(db.info.items()):
        upper = simple(fields, 12, code, code)
        lower = simple(fields, 13, code, code)
        title = simple(fields, 14, code, upper)
        full_lower, full_title, full_upper = db.special.get(code, ([lower], [title], [upper]))
        folded = db.fold.get(code, [code])
        special = None
        flags = flags_of(db, code, fields)
        if (full_lower, full_title, full_upper) != ([lower], [title], [upper]) \
                or folded != full_lower:
            special = (full_lower, full_upper, full_title, folded)
            flags |= BIT["SPECIAL_CASE"]
        record = (upper - code, lower - code, title - code,
                  int(fields[6]) if fields[6] else 0, int(fields[7]) if fields[7] else 0, flags)
        number = db.unihan.get(code) if not fields[8] else fields[8]
        yield code, record, special, number


def two_stages(table):
    """The smallest (index1, index2, shift) for a table.

    table[c] == index2[(index1[c >> shift] << shift) + low bits of c]
    """
    best = None
    for shift in range(4, 11):
        size = 1 << shift
        blocks, index1, index2 = {}, [], []
        for start in range(0, len(table), size):
            block = tuple(table[start:start + size])
            if block not in blocks:
                blocks[block] = len(index2) >> shift
                index2.extend(block)
            index1.append(blocks[block])
        width = 1 if max(index1) < 256 else 2
        cost = len(index1) * width + len(index2) * 2
        if best is None or cost < best[0]:
            best = (cost, index1, index2, shift)
    return best[1:]


def c_array(lines, ctype, name, values):
    lines.append("static const %s %s[%d] = {" % (ctype, name, len(values)))
    row = "   "
    for value in values:
        item = " %s," % value
        if len(row) + len(item) > 99:
            lines.append(row)
            row = "   "
        row += item
    lines += [row, "};", ""]


def text_of(db):
    records = {(0, 0, 0, 0, 0, 0): 0}
    table = [0] * LIMIT
    specials, numbers = [], []
    for code, record, special, number in describe(db):
        table[code] = records.setdefault(record, len(records))
        if special is not None:
            specials.append((code, special))
        if number is not None and not record[5] & BIT["DIGIT"]:
            numbers.append((code, number))
    index1, index2, shift = two_stages(table)

    lines = ["/* Generated by Tools/unicode/generate_ctype.py from Unicode 15.0 data. */", ""]
    lines += ["#define %s_MASK 0x%x" % (name, bit) for name, bit in BIT.items()]
    lines += ["#define TYPE_SHIFT %d" % shift, ""]
    c_array(lines, "struct type_record", "type_records",
            ["{%d, %d, %d, %d, %d, 0x%x}" % record for record in records])
    c_array(lines, "unsigned char" if max(index1) < 256 else "unsigned short", "type_index1",
            index1)
    c_array(lines, "unsigned short", "type_index2", index2)

    def three(chars):
        return "{%s}" % ", ".join("0x%x" % c for c in chars)

    c_array(lines, "struct special_case", "special_cases",
            ["{0x%x, %s}" % (code, ", ".join(three(c) for c in special))
             for code, special in specials])

    def number(text):
        top, slash, bottom = text.partition("/")
        return top + ".0" + (" / " + bottom + ".0" if slash else "")

    c_array(lines, "struct numeric_value", "numeric_values",
            ["{0x%x, %s}" % (code, number(text)) for code, text in numbers])
    return "\n".join(lines)


def main(argv):
    if len(argv) not in (2, 3):
        sys.exit(__doc__)
    target = os.path.join(argv[1], "unicodetype_db.h")
    own = os.path.getmtime(__file__)
    folder = argv[2] if len(argv) == 3 else DEFAULT_DIR
    newest = max(own, os.path.getmtime(os.path.join(folder, "UnicodeData.txt")))
    if os.path.exists(target) and os.path.getmtime(target) > newest:
        return
    text = text_of(Database(folder))
    old = None
    if os.path.exists(target):
        with open(target, encoding="ascii") as file:
            old = file.read()
    if old == text:
        os.utime(target)
    else:
        with open(target, "w", encoding="ascii") as file:
            file.write(text)


if __name__ == "__main__":
    main(sys.argv)
