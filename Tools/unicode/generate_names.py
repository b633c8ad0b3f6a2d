#!/usr/bin/env python3
"""Generate the character name tables of the module unicodedata.

Usage: generate_names.py OUTDIR [UNICODE_DATA_DIR]

Reads UnicodeData.txt, NameAliases.txt, NamedSequences.txt and Jamo.txt of Unicode 15.0 (Debian's
package unicode-data) and writes OUTDIR/unicodename_db.h, used by Modules/unicodedata/names.c only.
Names that follow from a rule (Hangul syllables, unified ideographs) are not in it but for the
ranges.

Every name has an *ordinal*: first the characters by code point, then aliases, then sequences.

  - `word_text`: the words, most frequent first, the last byte of each with bit 7 set;
    `word_starts` has the offset of every 16th.  A space goes in front of a word unless the word
    begins with a space or a hyphen.  Word 0 stands for the hexadecimal digits of the code point.
  - `name_bytes`: per ordinal a length byte and that many bytes: word numbers below
    NAME_ONE_BYTE take one byte, the others two.
  - `name_blocks`: 32 code points each: which of them have a name, the first ordinal and its
    offset; `name_index1`/`name_index2` lead from code point >> 5 to the block (0: an empty one).
  - `name_other`: the same offsets for every 32nd ordinal of aliases and sequences.
  - `alias_codes`, `sequence_data` (length and code points), `sequence_starts`.
  - `hash_steps`, `hash_slots`: a perfect hash from names to ordinals ("hash and displace"): the
    high half of a 64-bit FNV-1a hash chooses a step, (low half + step * middle) a slot.
  - `ideograph_ranges`; `leading_jamo`, `vowel_jamo`, `trailing_jamo`: parts of syllables' names.

The file is written only when its content changes.
"""

import collections
import os
import re
import sys

sys.dont_write_bytecode = True
from generate_ctype import DEFAULT_DIR, c_array, rows  # noqa: E402
from generate_unicodedata import refresh, unicode_data  # noqa: E402

BLOCK = 32              # code points, or ordinals, that share an offset
EMPTY = 0xffff          # a slot of the hash table without a name


def tokens_of(name, code):
    """The words of a name; the hexadecimal code point is the word None."""
    digits = "%04X" % code
    tail = []
    if name.endswith("-" + digits):
        name, tail = name[:-len(digits)], [None]
    words = re.findall(r"-(?=$)|[ ]-[^ -]*|-[^ -]*|[^ -]+", name)
    text = ""
    for word in words:
        text += (" " if text and word[0] not in " -" else "") + word
    assert text == name, (text, name)
    return words + tail


class Names:
    def __init__(self, folder):
        self.chars, self.ranges = {}, []
        for first, last, fields in unicode_data(folder):
            if fields[1].startswith("<CJK Ideograph"):
                self.ranges.append((first, last))
            elif not fields[1].startswith("<"):
                self.chars[first] = fields[1]
        self.aliases = [(fields[1], int(fields[0], 16))
                        for fields in rows(os.path.join(folder, "NameAliases.txt"))]
        self.sequences = [(fields[0], [int(c, 16) for c in fields[1].split()])
                          for fields in rows(os.path.join(folder, "NamedSequences.txt"))]
        self.codes = sorted(self.chars)
        self.all = [self.chars[code] for code in self.codes] \
            + [name for name, _ in self.aliases] + [name for name, _ in self.sequences]
        assert len(set(self.all)) == len(self.all) < EMPTY
        self.tokens = [tokens_of(self.chars[code], code) for code in self.codes] \
            + [tokens_of(name, -1) for name in self.all[len(self.codes):]]

    def words(self):
        """All words by falling frequency, word 0 first."""
        count = collections.Counter(t for tokens in self.tokens for t in tokens if t is not None)
        return [None] + sorted(count, key=lambda word: (-count[word], word))

    def encode(self, words):
        """(number of one-byte words, encoded names)."""
        one_byte = 256 - (len(words) + 255) // 256
        while one_byte + (256 - one_byte) * 256 < len(words):
            one_byte -= 1
        number = {word: i for i, word in enumerate(words)}

        def spell(n):
            if n < one_byte:
                return [n]
            return [one_byte + ((n - one_byte) >> 8), (n - one_byte) & 255]

        coded = [[b for token in tokens for b in spell(number[token])] for tokens in self.tokens]
        assert all(0 < len(name) < 256 for name in coded)
        return one_byte, coded


def fnv1a(text):
    h = 0xcbf29ce484222325
    for byte in text.encode("ascii"):
        h = (h ^ byte) * 0x100000001b3 & 0xffffffffffffffff
    h ^= h >> 29                        # FNV's high bits know too little of the last bytes
    return h * 0xbf58476d1ce4e5b9 & 0xffffffffffffffff


def next_prime(n):
    """The smallest prime from n on: every step then visits all slots."""
    while any(n % d == 0 for d in range(2, int(n ** 0.5) + 1)):
        n += 1
    return n


def perfect_hash(names):
    """(steps, slots): slots[(low + steps[high % len(steps)] * middle) % len(slots)] == ordinal."""
    size = next_prime(len(names) * 10 // 9)
    buckets = [[] for _ in range(len(names) // 4)]
    for ordinal, name in enumerate(names):
        h = fnv1a(name)
        buckets[(h >> 40) % len(buckets)].append((ordinal, h & 0xffffffff, (h >> 20 & 0x3fff) + 1))
    slots, steps = [EMPTY] * size, [0] * len(buckets)
    for bucket in sorted(range(len(buckets)), key=lambda b: -len(buckets[b])):
        for step in range(65536):
            places = [(low + step * middle) % size for _, low, middle in buckets[bucket]]
            if len(set(places)) == len(places) and all(slots[p] == EMPTY for p in places):
                break
        else:
            sys.exit("no perfect hash of this size")
        steps[bucket] = step
        for place, (ordinal, _, _) in zip(places, buckets[bucket]):
            slots[place] = ordinal
    return steps, slots


def c_bytes(lines, name, data):
    c_array(lines, "unsigned char", name, data)


def word_tables(lines, words):
    text, starts = [], []
    for i, word in enumerate(words):
        if i % 16 == 0:
            starts.append(len(text))
        codes = [ord(c) for c in word or "?"]
        text += codes[:-1] + [codes[-1] | 0x80]
    c_bytes(lines, "word_text", text)
    c_array(lines, "unsigned int", "word_starts", starts)


def block_tables(lines, names, offsets):
    """The way from code points to names."""
    blocks = [(0, 0, 0)]
    place = {}
    for ordinal, code in enumerate(names.codes):
        block = code // BLOCK
        if block not in place:
            place[block] = len(blocks)
            blocks.append((0, ordinal, offsets[ordinal]))
        mask, first, offset = blocks[-1]
        blocks[-1] = (mask | 1 << code % BLOCK, first, offset)
    c_array(lines, "struct name_block", "name_blocks",
            ["{0x%xu, %d, %d}" % row for row in blocks])
    c_array(lines, "unsigned short", "block_numbers",
            [0] + sorted(place, key=place.get))
    # Stage 2 has runs of 16 blocks.
    runs, index1, index2 = {}, [], []
    for start in range(0, 0x110000 // BLOCK, 16):
        run = tuple(place.get(block, 0) for block in range(start, start + 16))
        if run not in runs:
            runs[run] = len(index2) // 16
            index2.extend(run)
        index1.append(runs[run])
    assert max(index1) < 256
    c_bytes(lines, "name_index1", index1)
    c_array(lines, "unsigned short", "name_index2", index2)


def text_of(folder):
    names = Names(folder)
    words = names.words()
    one_byte, coded = names.encode(words)
    data, offsets = [], []
    for name in coded:
        offsets.append(len(data))
        data += [len(name)] + name
    steps, slots = perfect_hash(names.all)
    lines = ["/* Generated by Tools/unicode/generate_names.py from Unicode 15.0 data. */", ""]
    lines += ["#define NAME_ONE_BYTE %d" % one_byte,
              "#define NAME_CHARS %d" % len(names.codes),
              "#define NAME_ALIASES %d" % len(names.aliases),
              "#define NAME_SEQUENCES %d" % len(names.sequences),
              "#define NAME_LONGEST %d" % max(map(len, names.all)),
              "#define SEQUENCE_LONGEST %d" % max(len(codes) for _, codes in names.sequences),
              "#define NO_ORDINAL 0x%x" % EMPTY, ""]
    word_tables(lines, words)
    c_bytes(lines, "name_bytes", data)
    block_tables(lines, names, offsets)
    c_array(lines, "unsigned int", "name_other", offsets[len(names.codes)::BLOCK])
    c_array(lines, "unsigned int", "alias_codes", ["0x%x" % code for _, code in names.aliases])
    chars, starts = [], []
    for _, codes in names.sequences:
        starts.append(len(chars))
        chars += [len(codes)] + codes
    c_array(lines, "unsigned int", "sequence_data", ["0x%x" % c for c in chars])
    c_array(lines, "unsigned short", "sequence_starts", starts)
    c_array(lines, "unsigned short", "hash_steps", steps)
    c_array(lines, "unsigned short", "hash_slots", slots)
    c_array(lines, "struct code_range", "ideograph_ranges",
            ["{0x%x, 0x%x}" % row for row in names.ranges])
    jamo_tables(lines, folder)
    return "\n".join(lines)


def jamo_tables(lines, folder):
    jamo = {int(code, 16): name for code, name in rows(os.path.join(folder, "Jamo.txt"))}
    for name, codes in (("leading_jamo", range(0x1100, 0x1113)),
                        ("vowel_jamo", range(0x1161, 0x1176)),
                        ("trailing_jamo", range(0x11a7, 0x11c3))):
        # U+11A7 stands for no trailing consonant.
        texts = [jamo[c] if c != 0x11a7 else "" for c in codes]
        lines += ["static const char %s[%d][4] = {" % (name, len(texts))]
        lines += ['    "%s",' % text for text in texts] + ["};", ""]


def main(argv):
    if len(argv) not in (2, 3):
        sys.exit(__doc__)
    folder = argv[2] if len(argv) == 3 else DEFAULT_DIR
    own_folder = os.path.dirname(os.path.abspath(__file__))
    sources = [os.path.join(own_folder, name)
               for name in ("generate_names.py", "generate_unicodedata.py", "generate_ctype.py")]
    sources.append(os.path.join(folder, "UnicodeData.txt"))
    refresh(os.path.join(argv[1], "unicodename_db.h"), sources, lambda: text_of(folder))


if __name__ == "__main__":
    main(sys.argv)
