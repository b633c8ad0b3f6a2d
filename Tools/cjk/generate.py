"""Make the tables of the East Asian codecs: generate.py OUTDIR writes OUTDIR/cjk/NAME.h.

Read are charsets.txt (see extract.py beside this file) and exceptions.txt, which says how CPython's
codecs differ.  Each header has the const tables of one set and a struct cjk_charset NAME that leads
to them; Modules/shared/multibytecodec.h says how they are read.  A file is only written if it
changes.
"""

import itertools
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = 64                   # code points in a page of the table for encoding
WIDE = 0xD800               # cells from here to 0xDFFF name a row of the table of wide texts


class Charset:
    """What the codes stand for (decode), and what the texts are encoded to (encode)."""

    def __init__(self, name, decode=(), encode=()):
        self.name, self.decode, self.encode = name, dict(decode), dict(encode)

    def remove(self, code):
        text = self.decode.pop(code, None)
        if self.encode.get(text) == code:
            del self.encode[text]

    def add(self, kind, code, text):
        if kind != ">" and self.decode.get(code) != text:
            self.remove(code)
            self.decode[code] = text
        if kind != "<":
            self.encode[text] = code


def read_line(charset, charsets, kind, first, rest):
    """Do what one line of a section says."""
    if kind == "copy":
        charset.decode, charset.encode = (dict(charsets[first].decode),
                                          dict(charsets[first].encode))
    elif kind == "x":
        for code in range(int(first, 16), int(rest, 16) + 1):
            charset.remove(code)
    elif kind == "u":
        for point in range(int(first, 16), int(rest, 16) + 1):
            del charset.encode[chr(point)]
    elif kind.endswith("+"):
        charset.add(kind[0], int(first, 16), rest)
    else:
        for code, text in enumerate(rest, int(first, 16)):
            charset.add(kind, code, text)


def read_file(name, charsets):
    with open(os.path.join(HERE, name), encoding="utf-8", newline="\n") as file:
        for line in file.read().split("\n"):
            if not line or line.startswith("#"):
                continue
            if line.startswith("["):
                section = line[1:-1]
                continue
            kind, first, rest = (line.split(" ", 2) + [""])[:3]
            charset = charsets.setdefault(section, Charset(section))
            read_line(charset, charsets, kind, first, rest)


def array(type_, name, values, per_line=12):
    values = list(values)
    lines = [", ".join(values[i:i + per_line]) for i in range(0, len(values), per_line)]
    return f"static const {type_} {name}[] = {{\n    " + ",\n    ".join(lines) + "\n};\n"


def decode_table(charset):
    """Return (cells, wide texts, [first lead, first trail, leads, width])."""
    leads = [code >> 8 for code in charset.decode]
    trails = [code & 0xff for code in charset.decode]
    lead, trail = min(leads), min(trails)
    width, height = max(trails) - trail + 1, max(leads) - lead + 1
    cells, wide = [0] * (width * height), []
    for code, text in sorted(charset.decode.items()):
        cell = ord(text[0])
        if len(text) > 1 or cell > 0xffff:
            cell = WIDE + len(wide)
            wide.append(text)
        else:
            assert not WIDE <= cell < 0xE000
        cells[((code >> 8) - lead) * width + (code & 0xff) - trail] = cell
    assert len(wide) <= 0x800
    return cells, wide, [lead, trail, height, width]


def encode_table(charset):
    """Return (number of each page, the cells of all pages); page 0 is empty."""
    single = {ord(text): code for text, code in charset.encode.items() if len(text) == 1}
    pages = [0] * (max(single) // PAGE + 1)
    cells = [0] * PAGE
    for page in sorted({point // PAGE for point in single}):
        pages[page] = len(cells) // PAGE
        cells += [single.get(point, 0) for point in range(page * PAGE, page * PAGE + PAGE)]
    return pages, cells


def write_if_changed(path, text):
    try:
        with open(path, encoding="ascii") as file:
            if file.read() == text:
                return
    except FileNotFoundError:
        pass
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def charset_header(charset):
    name = charset.name
    cells, wide, shape = decode_table(charset)
    pages, codes = encode_table(charset)
    pairs = sorted((text, code) for text, code in charset.encode.items() if len(text) > 1)
    out = [f"/* Made by Tools/cjk/generate.py: the character set {name}. */\n",
           array("uint16_t", f"{name}_decode", map(str, cells)),
           array("uint16_t", f"{name}_pages", map(str, pages)),
           array("uint16_t", f"{name}_codes", map(str, codes))]
    if wide:
        out.append(array("struct cjk_wide", f"{name}_wide", (
            f"{{{ord(text[0])}, {ord(text[1]) if len(text) > 1 else 0}}}" for text in wide), 6))
    if pairs:
        out.append(array("struct cjk_pair", f"{name}_pairs", (
            f"{{{ord(text[0])}, {ord(text[1])}, {code}}}" for text, code in pairs), 4))
    lead, trail, height, width = shape
    out.append(f"""static const struct cjk_charset {name} = {{
    .lead = {lead}, .trail = {trail}, .leads = {height}, .width = {width},
    .decode = {name}_decode, .wide = {name + '_wide' if wide else 'NULL'},
    .page_count = {len(pages)}, .pages = {name}_pages, .codes = {name}_codes,
    .pair_count = {len(pairs)}, .pairs = {name + '_pairs' if pairs else 'NULL'},
}};
""")
    return "".join(out)


def ranges_header(charset):
    """The characters of the BMP without a two-byte code have the four-byte codes, in order."""
    runs = []
    places = itertools.count()
    for point in itertools.chain(range(0x80, 0xD800), range(0xE000, 0x10000)):
        if chr(point) in charset.encode:
            continue
        place = next(places)
        if runs and (point, place) == (runs[-1][1] + 1, runs[-1][2] + point - runs[-1][0]):
            runs[-1][1] = point
        else:
            runs.append([point, point, place])
    return ("/* Made by Tools/cjk/generate.py: the four-byte codes of GB 18030. */\n"
            + array("struct gb18030_range", "gb18030_ranges",
                    (f"{{{a}, {b}, {c}}}" for a, b, c in runs), 4))


def main(outdir):
    charsets = {}
    read_file("charsets.txt", charsets)
    read_file("exceptions.txt", charsets)
    folder = os.path.join(outdir, "cjk")
    os.makedirs(folder, exist_ok=True)
    for name, charset in charsets.items():
        write_if_changed(os.path.join(folder, name + ".h"), charset_header(charset))
    write_if_changed(os.path.join(folder, "gb18030_ranges.h"),
                     ranges_header(charsets["gb18030"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
