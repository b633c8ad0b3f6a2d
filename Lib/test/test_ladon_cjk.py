"""The East Asian codecs: every code and every code point, errors, states, interpreters, memory.

DIGESTS was observed by running ``python3.12 test_ladon_cjk.py --observe`` on CPython 3.12.1.
"""

import _codecs_jp
import _multibytecodec
import codecs
import gc
import hashlib
import io
import random
import sys
import unittest

try:
    from test import ladon_support
except ImportError:
    import ladon_support

NAMES = """
    big5 big5hkscs cp932 cp949 cp950 euc_jis_2004 euc_jisx0213 euc_jp euc_kr gb18030 gb2312 gbk hz
    iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr
    johab shift_jis shift_jis_2004 shift_jisx0213
""".split()

# name: the digests of encoded(), decoded(), of random_decoded() and of random_encoded()
DIGESTS = {
    "big5":
        "fe225e4a48ef078a 06438fd3576d69c7 c6eb283f9c3dd97f b5b180fc77f7734e",
    "big5hkscs":
        "c12b1e534c16aa9b 5813916d67ba7b9b 57b43497615b815b 48c0791c2bbbea4a",
    "cp932":
        "b4e4f9c8d4f76155 133ad7a87f015aa3 104e12c98cd534da 1bde917442894e75",
    "cp949":
        "263913a98f7742aa 0da35e73f1100766 c1b540350330ce40 a9105ef86f3a807e",
    "cp950":
        "634780cd2f63bd4c a6c8dc5a27e1b8d6 7f6eae1732892d7f 7fb7041e0f8122ed",
    "euc_jis_2004":
        "f81eeb8e3b96a72a 78bb75b172b21652 a93be324990a8e48 ece7bb65830b9fcd",
    "euc_jisx0213":
        "65913633466bb995 a27e4343d2c1db07 7b82b1c208c32259 243d866abba88b03",
    "euc_jp":
        "dcd644725072de23 19a56401fc94f7ef a01aebc9037a1fdc 4bc41ca0c8ad4903",
    "euc_kr":
        "7be33427189e6232 29a8bf05ebc9ad4a f6f2f77d83e456b2 aa3e521109cd5a6a",
    "gb18030":
        "13690847db981e6c 8dff33a9b5d5c448 4b0c5c5ff7f2aa37 6655d2806157d6a5",
    "gb2312":
        "bc1aa063eb25f821 e592eaf2b3bd4a82 13840f78e8536daa fdc3d81b0e61f2e2",
    "gbk":
        "3e2c8467dff9043a 79039064bfe8d63e 6f25c6597acae68a b721223258ba4438",
    "hz":
        "19c3c58282b07c34 826cac594bb6f17d e89b807942f7e7a2 1e1f1da10d910c21",
    "iso2022_jp":
        "8eb8c50ce50cffd3 117d438edfb28ddf bd4677b6730ecb97 217dcdd6413b6bb3",
    "iso2022_jp_1":
        "0cccf791d74bd2b1 3aca959e7cdc1a77 123c2687c3bf143b 09bf08d745e69858",
    "iso2022_jp_2":
        "3ef493e7cf81a082 9305c30344d0cb70 72bcbf5223a558ba b9c29a1b3a5d79ef",
    "iso2022_jp_2004":
        "c9cf74a601e1cd91 0d2f777caad806e9 f2d54db836e68a04 4f8bc7a90740c7ad",
    "iso2022_jp_3":
        "9b1b892db2ac8c80 1cbe3c4eec6a38b6 e52af1f8930ba319 17a360279c78ab83",
    "iso2022_jp_ext":
        "05a70adc18e99a42 b38e2db4691cfaa0 aa50e1db05f58eee 38619ddf4360bb30",
    "iso2022_kr":
        "6b923af937c2a825 74e3fe4914ea40ca cdc29d994a3f6ee4 f81aa88a1134da3a",
    "johab":
        "23c3f94f0779527e 763a675e9482ec67 541846d8dc1a4eb7 52926156b0bccba7",
    "shift_jis":
        "523ec757160f565c 68824beae668310b 2a0c287f24498937 ae359f33992aebee",
    "shift_jis_2004":
        "d6e79ab71cc9104b 3b2062c838dd8b42 8797bd4fd65813a9 23dbdf4149ff68cf",
    "shift_jisx0213":
        "33954c5d9f5c0c2b 75b734d9ddb918d1 273bd56ffc7bc5b6 234f2584d2acbba9",
}

# What random bytes and random text are made of: parts of escape sequences, first and last bytes of
# characters; characters that combine, that one of the sets lacks, that are no characters.
BYTES = b"\x1b$(B@ACDIJOPQ).NF&\x0e\x0f\n~{}!09\x81\x8e\x8f\xa1\xa4\xd4\xbf\xfe\xff\x80 "
TEXT = ("A\n\\~\xa5\u203e\u3042\u304b\u309a\xca\u0304\u030c\uac00\uac02\uff71\xe9\u4e2d\u4e02"
        "\u20ac\u2014\U0001f600\ud800\U0002000b\u03b1\x1b\x0e\u0255\u02e9\u02e5")

errors_seen = []


def note_error(error):
    """An error handler: what it is called with shall be seen."""
    errors_seen.append((error.encoding, error.start, error.end, error.reason))
    return "\ufffd" if isinstance(error, UnicodeDecodeError) else "?", error.end


codecs.register_error("ladon.note", note_error)


def digest(parts):
    return hashlib.sha256("\n".join(map(ascii, parts)).encode("ascii")).hexdigest()[:16]


def encoded(name):
    """Yield the code points with their codes: all of planes 0 to 2, some of the others."""
    for point in (*range(0x30000), *range(0x30000, 0x110000, 0xfff)):
        try:
            yield point, chr(point).encode(name)
        except UnicodeEncodeError:
            pass


def decoded(name):
    """Yield each code of one and two bytes, after the introduction of a third set too, with what
    it is decoded to, errors included."""
    codes = [bytes([i]) for i in range(256)] + [i.to_bytes(2, "big") for i in range(0x10000)]
    if name.startswith("euc_j"):
        codes += [b"\x8f" + i.to_bytes(2, "big") for i in range(0xa1a1, 0x10000)]
    if name == "gb18030":
        codes += [bytes([a, b, c, d]) for a in (0x80, 0x81, 0x82, 0x84, 0x8f, 0x90, 0xe3, 0xff)
                  for b in range(0x30, 0x3a) for c in range(0x80, 0x100)
                  for d in (0x2f, 0x30, 0x39)]
    if name.startswith("iso2022"):
        codes = [escape + code for code in codes if max(code) < 0x80 for escape in (
            b"\x1b$B", b"\x1b$(C", b"\x1b$(D", b"\x1b$A", b"\x1b$(O", b"\x1b$(P", b"\x1b$(Q")]
    for code in codes:
        text = code.decode(name, "ladon.note")
        yield code, text, *errors_seen
        errors_seen.clear()


def random_decoded(name):
    """Yield what an incremental decoder makes of random bytes, with its states."""
    choose = random.Random(5)
    for _ in range(10000):
        data = bytes(choose.choice(BYTES) if choose.random() < .8 else choose.randrange(256)
                     for _ in range(choose.randrange(1, 14)))
        cut = choose.randrange(len(data) + 1)
        decoder = codecs.getincrementaldecoder(name)(choose.choice(["ladon.note", "strict"]))
        try:
            yield decoder.decode(data[:cut]), decoder.getstate()
            yield decoder.decode(data[cut:], True), decoder.getstate()
        except UnicodeError as error:
            yield str(error), decoder.getstate()
        yield errors_seen.copy()
        errors_seen.clear()


def random_encoded(name):
    """Yield what an incremental encoder makes of random text, with its states."""
    choose = random.Random(6)
    for _ in range(10000):
        text = "".join(choose.choice(TEXT) for _ in range(choose.randrange(1, 8)))
        cut = choose.randrange(len(text) + 1)
        encoder = codecs.getincrementalencoder(name)(
            choose.choice(["ladon.note", "replace", "strict", "ignore"]))
        try:
            yield encoder.encode(text[:cut]), encoder.getstate()
            yield encoder.encode(text[cut:], True), encoder.getstate()
            encoder.reset()
        except UnicodeError as error:
            yield str(error)
        yield encoder.getstate(), errors_seen.copy()
        errors_seen.clear()


SOURCES = (encoded, decoded, random_decoded, random_encoded)


def observe():
    for name in NAMES:
        values = " ".join(digest(source(name)) for source in SOURCES)
        print(f'    "{name}":\n        "{values}",')


class EqualTests(unittest.TestCase):
    def check(self, number):
        self.assertEqual(set(DIGESTS), set(NAMES))
        for name in NAMES:
            with self.subTest(name):
                self.assertEqual(digest(SOURCES[number](name)), DIGESTS[name].split()[number])

    def test_encode(self):
        """All code points have the codes of CPython 3.12."""
        self.check(0)

    def test_decode(self):
        """All codes stand for the same text, or are the same error."""
        self.check(1)

    def test_decoder(self):
        """Pieces of random bytes, errors at the same places, the same states."""
        self.check(2)

    def test_encoder(self):
        """Pieces of random text, the same states."""
        self.check(3)


class ErrorTests(unittest.TestCase):
    def test_handlers(self):
        for result in (1, ("a",), ("a", "b"), (1, 2)):
            codecs.register_error("ladon.bad", lambda error: result)
            self.assertRaisesRegex(TypeError, "^encoding error handler must return",
                                   "\uffff".encode, "euc_kr", "ladon.bad")
            self.assertRaisesRegex(TypeError, "^decoding error handler must return",
                                   b"\xff ".decode, "euc_kr", "ladon.bad")
        for position in (100, -100, 10 ** 30):
            codecs.register_error("ladon.bad", lambda error: ("a", position))
            self.assertRaisesRegex(IndexError, "from error handler out of bounds",
                                   "\uffff".encode, "euc_kr", "ladon.bad")
        self.assertEqual("a\uffff".encode("euc_kr", "xmlcharrefreplace"), b"a&#65535;")
        self.assertEqual(b"a\xff ".decode("euc_kr", "backslashreplace"), "a\\xff ")

    def test_handler_changes_errors(self):
        """A handler may take away the name of the handler in use."""
        encoder = codecs.getincrementalencoder("euc_kr")("ladon.set")

        def handler(error):
            encoder.errors = "igno" + "re"
            return "?", error.end
        codecs.register_error("ladon.set", handler)
        self.assertEqual(encoder.encode("\uffff\uffff"), b"??")
        self.assertEqual(encoder.encode("\uffff"), b"")

    def test_states(self):
        encoder = codecs.getincrementalencoder("euc_jis_2004")()
        decoder = codecs.getincrementaldecoder("euc_jis_2004")()
        self.assertRaises(OverflowError, encoder.setstate, 1 << 200)
        self.assertRaises(OverflowError, encoder.setstate, -1)
        self.assertRaises(UnicodeError, encoder.setstate, 255)
        self.assertRaises(UnicodeError, encoder.setstate, 0x41414103)
        self.assertRaises(TypeError, decoder.setstate, (b"",))
        self.assertRaises(UnicodeError, decoder.setstate, (b"123456789", 0))
        self.assertRaises(TypeError, _multibytecodec.MultibyteIncrementalEncoder, 1)
        self.assertRaises(AttributeError, _multibytecodec.MultibyteIncrementalEncoder)
        self.assertRaises(ValueError, getattr(_multibytecodec, "__create_codec"), 1)
        self.assertRaises(LookupError, _codecs_jp.getcodec, "gbk")

    def test_any_state(self):
        """A decoder in a state that no text leads to ends with text or an error."""
        choose = random.Random(7)
        for name in NAMES:
            for _ in range(300):
                decoder = codecs.getincrementaldecoder(name)("replace")
                decoder.setstate((b"", choose.getrandbits(64)))
                decoder.decode(bytes(range(33, 127)), True)


class MemoryTests(unittest.TestCase):
    @ladon_support.needs_failing_allocations
    def test_failing_allocations(self):
        def action():
            encoder = codecs.getincrementalencoder("euc_jis_2004")("ladon.note")
            encoder.encode("\u3042\uffff\u304b")
            encoder.setstate(encoder.getstate())
            encoder.encode("\u309a", True)
            decoder = codecs.getincrementaldecoder("iso2022_jp")("ladon.note")
            decoder.decode(b"\x1b$B$\"\xff$")
            decoder.setstate(decoder.getstate())
            decoder.decode(b"\"", True)
            reader = codecs.getreader("euc_kr")(io.BytesIO(b"\xb0\xa1\n\xb0\xa1"))
            reader.read(1), reader.readlines()
            codecs.getwriter("hz")(io.BytesIO()).writelines(["\u4e2d", "a"])
            _codecs_jp.getcodec("cp932")
            errors_seen.clear()

        lost, number = ladon_support.lost_blocks(action)
        self.assertEqual(lost, 0)
        self.assertGreater(number, 30)

    def test_interpreters(self):
        ladon_support.run_in_interpreters(
            "for name in ('gb18030', 'big5hkscs', 'iso2022_jp_2', 'cp932', 'johab', 'cp950'):\n"
            "    assert '\\u4e2d'.encode(name).decode(name) == '\\u4e2d'", 5)

    def test_cycle(self):
        """A reader that its own stream holds is freed."""
        class Stream(io.BytesIO):
            pass
        gc.collect()
        stream = Stream()
        stream.reader = codecs.getreader("euc_kr")(stream)
        del stream
        self.assertGreater(gc.collect(), 0)


if __name__ == "__main__":
    if sys.argv[1:] == ["--observe"]:
        observe()
    else:
        unittest.main()
