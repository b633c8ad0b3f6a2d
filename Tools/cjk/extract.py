"""Ask the iconv of the C library for the East Asian character sets: writes Tools/cjk/charsets.txt.

Run by hand, when the data shall be taken anew (`python3 Tools/cjk/extract.py`); a build only reads
the file.  Written from the manual pages iconv(3) and gnu_get_libc_version(3).  Nothing here asks
the codecs of the Python that runs it, save UTF-8 for the output.

The file has one section per character set, "[name]", then lines "KIND CODE TEXT":
    KIND  "=" the code and the character stand for each other, "<" the code is only decoded
          (another code has the character already), ">" the character is only encoded
    CODE  the first code of the line, in hexadecimal (7-bit for the sets of ISO 2022)
    TEXT  the characters of this code and of those that follow it, up to the first gap
A "+" after KIND: TEXT is one character that takes two code points.
"""

import ctypes
import os
import sys

OUTPUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "charsets.txt")

# name: the encoding of iconv, what stands before the two bytes, what is added to the two bytes
SETS = {
    "jisx0208": ("EUC-JP", b"", 0x8080),
    "jisx0212": ("EUC-JP", b"\x8f", 0x8080),
    "jisx0213_1": ("EUC-JISX0213", b"", 0x8080),
    "jisx0213_2": ("EUC-JISX0213", b"\x8f", 0x8080),
    "cp932": ("CP932", b"", 0),
    "gb2312": ("EUC-CN", b"", 0x8080),
    "gbk": ("GBK", b"", 0),
    "gb18030": ("GB18030", b"", 0),
    "ksx1001": ("EUC-KR", b"", 0x8080),
    "cp949": ("UHC", b"", 0),
    "johab": ("JOHAB", b"", 0),
    "big5": ("BIG5", b"", 0),
    "big5hkscs": ("BIG5-HKSCS", b"", 0),
}

libc = ctypes.CDLL(None, use_errno=True)
libc.iconv_open.restype = ctypes.c_void_p
libc.iconv.restype = ctypes.c_size_t
libc.iconv.argtypes = [ctypes.c_void_p] + [ctypes.c_void_p] * 4
libc.gnu_get_libc_version.restype = ctypes.c_char_p
FAILED = ctypes.c_size_t(-1).value


class Converter:
    """One direction of iconv; each call starts in the initial state."""

    def __init__(self, target, source):
        self.handle = libc.iconv_open(target.encode("ascii"), source.encode("ascii"))
        if self.handle == ctypes.c_void_p(-1).value:
            raise SystemExit(f"this iconv cannot convert {source} to {target}")

    def __call__(self, data):
        """Return the converted bytes; None when there is no conversion."""
        source = ctypes.create_string_buffer(data, len(data))
        target = ctypes.create_string_buffer(32)
        place, left = ctypes.c_void_p(ctypes.addressof(source)), ctypes.c_size_t(len(data))
        out, room = ctypes.c_void_p(ctypes.addressof(target)), ctypes.c_size_t(32)
        libc.iconv(self.handle, None, None, None, None)
        done = libc.iconv(self.handle, ctypes.byref(place), ctypes.byref(left),
                          ctypes.byref(out), ctypes.byref(room))
        if done != 0 or left.value:
            return None     # an error, or an irreversible conversion (a replacement)
        libc.iconv(self.handle, None, None, ctypes.byref(out), ctypes.byref(room))
        return target.raw[:32 - room.value]


def characters():
    """All code points that a set can have: planes 0, 1, 2, without the surrogates."""
    return [c for c in range(0x80, 0x30000) if not 0xD800 <= c < 0xE000]


def read_set(encoding, before, added):
    """Return [(kind, code, text)] of a set, sorted by code."""
    decode, encode = Converter("UTF-32LE", encoding), Converter(encoding, "UTF-32LE")
    decoded, size = {}, len(before) + 2
    for code in range(0x2121 if added else 0x8100, 0x7e7f if added else 0x10000):
        data = before + (code + added).to_bytes(2, "big")
        text = decode(data)
        if text and (before or not decode(data[:1])):
            decoded[code] = text.decode("utf-32-le")
    encoded = {}
    for text in [chr(c) for c in characters()] + [t for t in decoded.values() if len(t) == 2]:
        data = encode(text.encode("utf-32-le"))
        if data is None or len(data) != size or not data.startswith(before):
            continue
        code = int.from_bytes(data[-2:], "big") - added
        if added == 0 or (code >= 0x2121 and not code & 0x8080):
            encoded[text] = code
    lines = [("=" if encoded.get(text) == code else "<", code, text)
             for code, text in decoded.items()]
    lines += [(">", code, text) for text, code in encoded.items() if decoded.get(code) != text]
    return sorted(lines, key=lambda line: (line[1], line[0]))


def write_set(name, lines, file):
    print(f"[{name}]", file=file)
    run = None
    for kind, code, text in lines:
        if run and len(text) == 1 and (kind, code) == (run[0], run[1] + len(run[2])):
            run[2].append(text)
            continue
        if run:
            print(run[0], f"{run[1]:04X}", "".join(run[2]), file=file)
        run = [kind, code, [text]]
        if len(text) > 1:
            print(kind + "+", f"{code:04X}", text, file=file)
            run = None
    if run:
        print(run[0], f"{run[1]:04X}", "".join(run[2]), file=file)


def main():
    with open(OUTPUT, "w", encoding="utf-8", newline="\n") as file:
        version = libc.gnu_get_libc_version().decode("ascii")
        print(f"# Made by Tools/cjk/extract.py with the iconv of the GNU C library {version}.",
              file=file)
        for name, source in SETS.items():
            write_set(name, read_set(*source), file)


if __name__ == "__main__":
    sys.exit(main())
