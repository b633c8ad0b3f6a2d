#!/usr/bin/env python3
"""Generate the property and normalization tables of the module unicodedata.

Usage: generate_unicodedata.py OUTDIR [UNICODE_DATA_DIR]

Reads the Unicode 15.0 character database (Debian's package unicode-data) and, for Unicode 3.2.0,
the observed differences in ucd_3_2_0.txt beside this file; writes OUTDIR/unicodedata_db.h, used
by Modules/unicodedata/properties.c only:

  - `category_names`, `bidi_names`, `width_names`: the values of three properties;
  - `char_records`: the distinct combinations of properties, those of 3.2.0 included, reached from
    code points through `record_index1` and `record_index2`;
  - `decimals_3_2_0`: sorted by code point, what was a decimal digit in 3.2.0 alone;
  - `decomposition_tags`: the "<compat>" words, the empty one first;
  - `decomposition_data`: mappings, each a head (tag << 8 | length) and its code points, reached
    through `decomposition_index1` and `decomposition_index2` (0: none);
  - `compositions`: (first, second, composite), sorted;
  - `corrections_3_2_0`: (character, its decomposition in 3.2.0), sorted.

The file is written only when its content changes.
"""

import os
import sys

sys.dont_write_bytecode = True
from generate_ctype import DEFAULT_DIR, LIMIT, c_array, code_range, rows, two_stages  # noqa: E402

OBSERVED = "ucd_3_2_0.txt"
QUICK_CHECKS = ["NFD_QC", "NFKD_QC", "NFC_QC", "NFKC_QC"]
ANSWERS = {"Y": 0, "M": 1, "N": 2}


def refresh(target, sources, make_text):
    """Write make_text() to target if a source is younger and the text is new."""
    newest = max(os.path.getmtime(path) for path in sources)
    if os.path.exists(target) and os.path.getmtime(target) > newest:
        return
    text, old = make_text(), None
    if os.path.exists(target):
        with open(target, encoding="ascii") as file:
            old = file.read()
    if old == text:
        os.utime(target)
    else:
        with open(target, "w", encoding="ascii") as file:
            file.write(text)


def unicode_data(folder):
    """Yield (first, last, fields) of the lines and ranges of UnicodeData.txt."""
    first = None
    for fields in rows(os.path.join(folder, "UnicodeData.txt")):
        code = int(fields[0], 16)
        if fields[1].endswith(", First>"):
            first = code
        else:
            yield (code if first is None else first), code, fields
            first = None


def old_properties(own_folder, folder):
    """({property: {code: value in 3.2.0}}, the code points that are younger than 3.2)."""
    observed = {}
    for name, codes, answer in rows(os.path.join(own_folder, OBSERVED)):
        table = observed.setdefault(name, {})
        for code in code_range(codes):
            table[code] = answer
    younger = set()
    for codes, age in rows(os.path.join(folder, "DerivedAge.txt")):
        if tuple(map(int, age.split("."))) > (3, 2):
            younger.update(code_range(codes))
    return observed, younger


class Numbering(dict):
    """Numbers for values in the order of their first use."""

    def __call__(self, value):
        return self.setdefault(value, len(self))


class Properties:
    """Everything known by code point, and the numbers given to values."""

    def __init__(self, folder, own_folder):
        self.category = Numbering({"Cn": 0})
        self.bidi = Numbering({"": 0})
        self.width = Numbering({"N": 0})
        self.tags = Numbering({"": 0})
        self.decomposition = {}             # code: (tag, [code, ...])
        info = {}
        for first, last, fields in unicode_data(folder):
            for code in range(first, last + 1):
                info[code] = fields
            if fields[5]:
                tag, _, rest = fields[5].rpartition("> ")
                self.decomposition[first] = (
                    self.tags(tag + ">" if tag else ""), [int(c, 16) for c in rest.split()])
        widths = {}
        for codes, width in rows(os.path.join(folder, "EastAsianWidth.txt")):
            for code in code_range(codes):
                widths[code] = self.width(width)
        checks = {}
        self.excluded = set()
        for fields in rows(os.path.join(folder, "DerivedNormalizationProps.txt")):
            if fields[1] == "Full_Composition_Exclusion":
                self.excluded.update(code_range(fields[0]))
            elif fields[1] in QUICK_CHECKS:
                shift = 2 * QUICK_CHECKS.index(fields[1])
                for code in code_range(fields[0]):
                    checks[code] = checks.get(code, 0) | ANSWERS[fields[2]] << shift
        old, younger = old_properties(own_folder, folder)
        unknown = set(old) - {"category", "bidirectional", "east_asian_width", "mirrored",
                              "decimal"}
        if unknown:
            sys.exit("%s: no table for %s" % (OBSERVED, ", ".join(sorted(unknown))))
        self.old_decimals = sorted((c, int(v)) for c, v in old["decimal"].items())

        none = ["", "", "Cn", "0", ""] + [""] * 4 + ["N"]
        self.records = Numbering()
        self.records((0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        self.table = []
        for code in range(LIMIT):
            fields = info.get(code, none)
            width = widths.get(code, 0)
            mirrored = int(fields[9] == "Y")
            now = (self.category(fields[2]), self.bidi(fields[4]), int(fields[3]), width,
                   mirrored, checks.get(code, 0))
            if code in younger and code in info:
                then = (0, 0, 0, 0)
            else:
                then = (self.category(old["category"].get(code, fields[2])),
                        self.bidi(old["bidirectional"].get(code, fields[4])),
                        self.width[old["east_asian_width"][code]]
                        if code in old["east_asian_width"] else width,
                        int(old["mirrored"].get(code, mirrored)))
            self.table.append(self.records(now + then))

    def compositions(self):
        for code, (tag, mapping) in self.decomposition.items():
            if tag == 0 and len(mapping) == 2 and code not in self.excluded:
                yield tuple(mapping) + (code,)


def corrections(folder):
    """(character, decomposition in 3.2.0) of the characters corrected afterwards."""
    for code, original, _, version in rows(os.path.join(folder, "NormalizationCorrections.txt")):
        if tuple(map(int, version.split("."))) > (3, 2, 0):
            yield int(code, 16), int(original, 16)


def index_tables(lines, name, table):
    index1, index2, shift = two_stages(table)
    lines += ["#define %s_SHIFT %d" % (name.upper(), shift), ""]
    c_array(lines, "unsigned char" if max(index1) < 256 else "unsigned short", name + "_index1",
            index1)
    c_array(lines, "unsigned short", name + "_index2", index2)


def text_of(folder, own_folder):
    db = Properties(folder, own_folder)
    lines = ["/* Generated by Tools/unicode/generate_unicodedata.py from Unicode 15.0 data. */", ""]
    for name, numbering, size in (("category_names", db.category, 3), ("bidi_names", db.bidi, 4),
                                  ("width_names", db.width, 3),
                                  ("decomposition_tags", db.tags, 12)):
        assert max(map(len, numbering)) < size
        lines += ["static const char %s[%d][%d] = {" % (name, len(numbering), size)]
        lines += ['    "%s",' % text for text in numbering] + ["};", ""]
    c_array(lines, "struct char_record", "char_records",
            ["{%s}" % ", ".join(map(str, record)) for record in db.records])
    index_tables(lines, "record", db.table)
    c_array(lines, "struct old_decimal", "decimals_3_2_0",
            ["{0x%x, %d}" % row for row in db.old_decimals])

    data, table = [0], [0] * LIMIT
    for code, (tag, mapping) in sorted(db.decomposition.items()):
        table[code] = len(data)
        data += [tag << 8 | len(mapping)] + mapping
    assert len(data) < 65536
    index_tables(lines, "decomposition", table)
    c_array(lines, "unsigned int", "decomposition_data", ["0x%x" % x for x in data])
    c_array(lines, "struct composition", "compositions",
            ["{0x%x, 0x%x, 0x%x}" % row for row in sorted(db.compositions())])
    c_array(lines, "struct correction", "corrections_3_2_0",
            ["{0x%x, 0x%x}" % row for row in sorted(corrections(folder))])
    return "\n".join(lines)


def main(argv):
    if len(argv) not in (2, 3):
        sys.exit(__doc__)
    folder = argv[2] if len(argv) == 3 else DEFAULT_DIR
    own_folder = os.path.dirname(os.path.abspath(__file__))
    sources = [os.path.join(own_folder, name)
               for name in ("generate_unicodedata.py", "generate_ctype.py", OBSERVED)]
    sources.append(os.path.join(folder, "UnicodeData.txt"))
    refresh(os.path.join(argv[1], "unicodedata_db.h"), sources,
            lambda: text_of(folder, own_folder))


if __name__ == "__main__":
    main(sys.argv)
