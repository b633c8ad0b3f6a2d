"""unicodedata: properties, names and normal forms of all characters.

The digests were taken from CPython 3.12.1 with the functions below (--digests), which passes this
file too (in minutes: there, test_many_marks takes quadratic time).
"""

import functools
import hashlib
import os
import random
import shutil
import subprocess
import sys
import unicodedata
import unittest

TEST_FILE = "/usr/share/unicode/NormalizationTest.txt.bz2"
FORMS = ["NFC", "NFD", "NFKC", "NFKD"]
ALL_CODES = range(sys.maxunicode + 1)

DIGESTS = {
    ("15.0.0", "category"): "4f2f9433a245eb0b",
    ("15.0.0", "bidirectional"): "ec41a16d7a65e384",
    ("15.0.0", "combining"): "7de1801feea173c6",
    ("15.0.0", "mirrored"): "59fb3e8acde0f6c9",
    ("15.0.0", "east_asian_width"): "227b0221bbcb5f0b",
    ("15.0.0", "decomposition"): "37405f320b48e39e",
    ("15.0.0", "decimal"): "a9a19cb4207b12dc",
    ("15.0.0", "digit"): "a8e19be08a669a42",
    ("15.0.0", "numeric"): "7e82c851350f44e3",
    ("15.0.0", "name"): "66b1ffc695416fa9",
    ("15.0.0", "NFC"): "e8825d8fd8414751565dadd395e18c14",
    ("15.0.0", "NFD"): "7bda8ceef63151426b1a304a61ef7f97",
    ("15.0.0", "NFKC"): "116128cd61ed78b8ce8c95c8995e4e5a",
    ("15.0.0", "NFKD"): "b95cfa9e07a3a05a8e54408012a95292",
    ("3.2.0", "category"): "b0906f90d1b4eb8a",
    ("3.2.0", "bidirectional"): "f4692181a22615f6",
    ("3.2.0", "combining"): "b59fe4e568383761",
    ("3.2.0", "mirrored"): "dd9bedcc648b3866",
    ("3.2.0", "east_asian_width"): "b35892ecb311bf1a",
    ("3.2.0", "decomposition"): "b794b64c9961a96d",
    ("3.2.0", "decimal"): "88a6d592beb838a6",
    ("3.2.0", "digit"): "a8e19be08a669a42",
    ("3.2.0", "numeric"): "7b97ad3bf3557926",
    ("3.2.0", "name"): "fa42494770b36729",
    ("3.2.0", "NFC"): "946b472a63a447d26f6926009f5074dc",
    ("3.2.0", "NFD"): "b60dae39ddeedf192496819d6f66eb38",
    ("3.2.0", "NFKC"): "a3a43f8fb310f82983902fb382e883ec",
    ("3.2.0", "NFKD"): "4f0a4197b5b28fa0df3b6e3e488d017a",
}


def digest(function, texts, *args):
    """A short digest of what a function says about many texts."""
    state, answers = hashlib.sha256(), []
    for text in texts:
        answers.append(function(text, *args))
        if len(answers) == 4096:
            state.update(ascii(answers).encode())
            answers.clear()
    state.update(ascii(answers).encode())
    return state.hexdigest()[:16]


def properties_digest(database, name):
    """Digest of one property of all code points."""
    args = (None,) if name in ("decimal", "digit", "numeric", "name") else ()
    return digest(getattr(database, name), map(chr, ALL_CODES), *args)


def marks_and_letters():
    """Strings of a few random characters that take part in normalization."""
    rng = random.Random(15)
    pool = [char for char in map(chr, ALL_CODES)
            if unicodedata.combining(char) or unicodedata.decomposition(char)]
    pool += [chr(code) for code in range(0x1100, 0x1200)]
    pool += [chr(code) for code in range(0xac00, 0xac00 + 60)] + list("aeoAEO") * 20
    return ["".join(rng.choices(pool, k=rng.randint(1, 6))) for _ in range(20000)]


def normalize_digest(database, form, more):
    """Digest of a normal form of every code point and of random strings."""
    normalize = functools.partial(database.normalize, form)
    return digest(normalize, map(chr, ALL_CODES)) + digest(normalize, more)


class PropertyTests(unittest.TestCase):
    PROPERTIES = ["category", "bidirectional", "combining", "mirrored", "east_asian_width",
                  "decomposition", "decimal", "digit", "numeric", "name"]

    def test_digests(self):
        """Every property of every code point, in both versions of Unicode."""
        for database, version in ((unicodedata, "15.0.0"), (unicodedata.ucd_3_2_0, "3.2.0")):
            self.assertEqual(database.unidata_version, version)
            for name in self.PROPERTIES:
                with self.subTest(version=version, name=name):
                    self.assertEqual(properties_digest(database, name), DIGESTS[version, name])


class NormalizationTests(unittest.TestCase):
    def test_digests(self):
        """All code points and random strings in all forms, in both versions of Unicode."""
        more = marks_and_letters()
        for database, version in ((unicodedata, "15.0.0"), (unicodedata.ucd_3_2_0, "3.2.0")):
            for form in FORMS:
                with self.subTest(version=version, form=form):
                    self.assertEqual(normalize_digest(database, form, more),
                                     DIGESTS[version, form])

    @unittest.skipUnless(os.path.exists(TEST_FILE) and shutil.which("bzip2"),
                         "needs Debian's packages unicode-data and bzip2")
    def test_conformance(self):
        """The test file of the Unicode Consortium."""
        normalize, listed, part = unicodedata.normalize, set(), ""
        text = subprocess.run(["bzip2", "-dc", TEST_FILE], check=True, stdout=subprocess.PIPE,
                              encoding="utf-8").stdout
        for line in text.splitlines():
            line = line.partition("#")[0].strip()
            if not line or line.startswith("@"):
                part = line or part
                continue
            c1, c2, c3, c4, c5 = ("".join(chr(int(code, 16)) for code in field.split())
                                  for field in line.split(";")[:5])
            if part.startswith("@Part1"):
                listed.add(c1)
            for source in (c1, c2, c3):
                self.assertEqual(normalize("NFC", source), c2)
                self.assertEqual(normalize("NFD", source), c3)
            for source in (c1, c2, c3, c4, c5):
                self.assertEqual(normalize("NFKC", source), c4)
                self.assertEqual(normalize("NFKD", source), c5)
            for form, normal in zip(FORMS, (c2, c3, c4, c5)):
                self.assertTrue(unicodedata.is_normalized(form, normal))
                self.assertEqual(unicodedata.is_normalized(form, c1), normal == c1)
            for form in ("NFC", "NFKC"):
                self.assertEqual(normalize(form, c4), c4)
        for code in ALL_CODES:
            char = chr(code)
            if char not in listed:
                for form in FORMS:
                    self.assertEqual(normalize(form, char), char)

    def test_many_marks(self):
        """Marks are ordered, stably, in time that does not explode."""
        marks = "\u0316\u0301\u0323\u0300\u0327" * 50000
        ordered = sorted(marks, key=unicodedata.combining)
        self.assertEqual(unicodedata.normalize("NFD", "q" + marks), "q" + "".join(ordered))
        self.assertTrue(unicodedata.is_normalized("NFD", "".join(ordered)))

    def test_unchanged(self):
        """What is in the form already is given back."""
        text = "d\u00e9j\u00e0 vu"
        self.assertIs(unicodedata.normalize("NFC", text), text)
        self.assertEqual(unicodedata.normalize("NFX", ""), "")
        with self.assertRaisesRegex(ValueError, "^invalid normalization form$"):
            unicodedata.normalize("NFX", "a")


class NameTests(unittest.TestCase):
    def test_round_trip(self):
        """Every character is found by its name, in lower case too where no rule made it."""
        for code in ALL_CODES:
            char = chr(code)
            name = unicodedata.name(char, None)
            if name is not None:
                self.assertEqual(unicodedata.lookup(name), char)
                by_rule = name.startswith(("CJK UNIFIED", "HANGUL SYLLABLE"))
                if not by_rule:
                    self.assertEqual(unicodedata.lookup(name.lower()), char)

    def test_aliases_and_sequences(self):
        for name, value in (("LINE FEED", "\n"), ("NUL", "\0"), ("VS17", "\U000e0100"),
                            ("latin capital letter gha", "\u01a2"), ("BELL", "\U0001f514"),
                            ("KEYCAP DIGIT ZERO", "0\ufe0f\u20e3"),
                            ("LATIN SMALL LETTER R WITH TILDE", "r\u0303")):
            self.assertEqual(unicodedata.lookup(name), value)
        for name in ("LINE FEED", "KEYCAP DIGIT ZERO", "GRINNING FACE"):
            with self.subTest(name=name), self.assertRaises(KeyError):
                unicodedata.ucd_3_2_0.lookup(name)

    def test_unknown(self):
        for name in ("", " ", "LATIN  SMALL LETTER A", "SPACE\0", "HANGUL SYLLABLE ",
                     "HANGUL SYLLABLE GAX", "hangul syllable ga", "HANGUL SYLLABLE Ga",
                     "CJK UNIFIED IDEOGRAPH-F900", "CJK UNIFIED IDEOGRAPH-4e00",
                     "CJK UNIFIED IDEOGRAPH-004E00", "TANGUT IDEOGRAPH-17000", "\u00e9", "a" * 256):
            with self.subTest(name=name), self.assertRaisesRegex(KeyError, "undefined character"):
                unicodedata.lookup(name)
        with self.assertRaisesRegex(KeyError, "name too long"):
            unicodedata.lookup("a" * 257)
        rng = random.Random(3)
        for _ in range(20000):
            name = "".join(rng.choices("ABCDEFGHIKLMNOPRSTU -", k=rng.randint(3, 9)))
            try:
                char = unicodedata.lookup(name)
            except KeyError:
                continue
            self.assertLess(len(char), 5)

    def test_escapes(self):
        self.assertEqual("\N{SNOWMAN}\N{latin small letter a}", "\u2603a")
        self.assertEqual(rb"\N{LINE FEED}\N{HANGUL SYLLABLE GA}".decode("unicode-escape"),
                         "\n\uac00")
        self.assertEqual("\ufe00\u00e9\u4e00".encode("ascii", "namereplace"),
                         rb"\N{VARIATION SELECTOR-1}\N{LATIN SMALL LETTER E WITH ACUTE}"
                         rb"\N{CJK UNIFIED IDEOGRAPH-4E00}")
        with self.assertRaisesRegex(SyntaxError, "unknown Unicode character name"):
            compile(r'"\N{KEYCAP DIGIT ZERO}"', "", "eval")     # a sequence is no character

    def test_identifiers(self):
        """Identifiers are compared in NFKC."""
        namespace = {}
        exec("\ufb01 = 1; \u212b = 2; x\u0301 = 3", namespace)
        self.assertEqual((namespace["fi"], namespace["\u00c5"], namespace["x\u0301"]), (1, 2, 3))


class InterfaceTests(unittest.TestCase):
    def test_type(self):
        with self.assertRaisesRegex(TypeError, "cannot create 'unicodedata.UCD' instances"):
            unicodedata.UCD()
        self.assertIs(type(unicodedata.ucd_3_2_0), unicodedata.UCD)

    def test_wrong_arguments(self):
        for call, message in (
                (lambda: unicodedata.category("ab"),
                 r"category\(\) argument must be a unicode character, not str"),
                (lambda: unicodedata.name(5),
                 r"name\(\) argument 1 must be a unicode character, not int"),
                (lambda: unicodedata.lookup(bytearray(b"SPACE")),
                 r"lookup\(\) argument must be read-only bytes-like object, not bytearray"),
                (lambda: unicodedata.normalize("NFC", 5),
                 r"normalize\(\) argument 2 must be str, not int")):
            with self.subTest(message=message), self.assertRaisesRegex(TypeError, message):
                call()


def show_digests():
    """Print the table of digests (--digests)."""
    more = marks_and_letters()
    for database in (unicodedata, unicodedata.ucd_3_2_0):
        version = database.unidata_version
        for name in PropertyTests.PROPERTIES:
            print("    (%r, %r): %r," % (version, name, properties_digest(database, name)))
        for form in FORMS:
            print("    (%r, %r): %r," % (version, form, normalize_digest(database, form, more)))


if __name__ == "__main__":
    if sys.argv[1:] == ["--digests"]:
        show_digests()
    else:
        unittest.main()
