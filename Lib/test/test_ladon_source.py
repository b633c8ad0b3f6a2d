"""How source text is read: lines of a readline callable, files with errors of different kinds.

Each case was compared with CPython 3.12.1.
"""

import os
import subprocess
import sys
import tempfile
import unittest

from _tokenize import TokenizerIter


def tokens(lines, extra_tokens=True, **options):
    """Return (text, start, end) of the tokens of what readline returns one by one."""
    readline = iter(lines).__next__
    return [(text, start, end) for _, text, start, end, _
            in TokenizerIter(readline, extra_tokens=extra_tokens, **options)]


class ReadlineTests(unittest.TestCase):
    """What a readline callable returns is one line, with whatever newlines are in it."""

    def test_several_lines(self):
        self.assertEqual(tokens(["a\nb\n", "c\n"]), [
            ("a", (1, 0), (1, 1)), ("\n", (1, 1), (1, 2)),
            ("b", (1, 2), (1, 3)), ("\n", (1, 3), (1, 4)),
            ("c", (2, 0), (2, 1)), ("\n", (2, 1), (2, 2)), ("", (3, 0), (3, 0))])
        lines = {token[4] for token in TokenizerIter(iter(["a\nb\n"]).__next__, extra_tokens=True)}
        self.assertEqual(lines, {"a\nb\n", ""})

    def test_no_newline(self):
        """A missing newline at the end hides all newlines of that result."""
        self.assertEqual(tokens(["a\nb"]), [
            ("a", (1, 0), (1, 1)), ("", (1, 1), (1, 2)),
            ("b", (1, 2), (1, 3)), ("", (1, 3), (1, 4)), ("", (2, 0), (2, 0))])
        self.assertEqual(tokens(["a", "b\n"])[1:3], [("", (1, 1), (1, 2)), ("b", (2, 0), (2, 1))])

    def test_carriage_returns(self):
        self.assertEqual(tokens(["a\r\nb\r\n"])[1:4], [
            ("\r\n", (1, 1), (1, 3)), ("b", (1, 3), (1, 4)), ("\r\n", (1, 4), (1, 6))])

    def test_blocks(self):
        self.assertEqual(tokens(["if x:\n  a\n  b\nc\n"])[4:], [
            ("if x:\n  ", (1, 0), (1, 8)), ("a", (1, 8), (1, 9)), ("\n", (1, 9), (1, 10)),
            ("b", (1, 12), (1, 13)), ("\n", (1, 13), (1, 14)), ("", (1, 14), (1, 14)),
            ("c", (1, 14), (1, 15)), ("\n", (1, 15), (1, 16)), ("", (2, 0), (2, 0))])

    def test_tokens_across(self):
        """Strings, f-strings, brackets and joined lines, within a result and across results."""
        self.assertEqual(tokens(['"""a\nb""";\n'])[:2],
                         [('"""a\nb"""', (1, 0), (1, 9)), (";", (1, 9), (1, 10))])
        self.assertEqual(tokens(['"""a\n', 'b\nc""";\n'])[:2],
                         [('"""a\nb\nc"""', (1, 0), (2, 6)), (";", (2, 6), (2, 7))])
        self.assertEqual(tokens(['f"""a\n{b\n}c\n"""\n'])[1:6], [
            ("a\n", (1, 4), (1, 6)), ("{", (1, 6), (1, 7)), ("b", (1, 7), (1, 8)),
            ("\n", (1, 8), (1, 9)), ("}", (1, 9), (1, 10))])
        self.assertEqual(tokens(["(a,\n", "b\n)\n"], extra_tokens=False)[3:5],
                         [("b", (2, 0), (2, 1)), (")", (2, 2), (2, 3))])
        self.assertEqual(tokens(["a \\\n+ b\n"])[1:3],
                         [("+", (1, 4), (1, 5)), ("b", (1, 6), (1, 7))])

    def test_comments(self):
        self.assertEqual(tokens(["# a\nb # c\n\n"])[:5], [
            ("# a", (1, 0), (1, 3)), ("\n", (1, 3), (1, 4)), ("b", (1, 4), (1, 5)),
            ("# c", (1, 6), (1, 9)), ("\n", (1, 9), (1, 10))])

    def test_encoding(self):
        self.assertEqual(tokens([b"\xe9\n\xe9 = 1\n"], encoding="latin-1")[2:4],
                         [("\xe9", (1, 2), (1, 3)), ("=", (1, 4), (1, 5))])
        self.assertEqual(tokens([b'"\xff"\n'], encoding="utf-8")[0], ('"\ufffd"', (1, 0), (1, 3)))

    def test_errors(self):
        """The place counts from the start of the result; the text is its first line."""
        for lines, place in ((["a\n1_\n"], (1, 4, "a")), (["a\n'b\n"], (1, 3, "a")),
                             (["a\n", "b\nc\0\n"], (2, 0, "b"))):
            with self.assertRaises(SyntaxError) as caught:
                tokens(lines)
            error = caught.exception
            self.assertEqual((error.lineno, error.offset, error.text), place)


class FileTests(unittest.TestCase):
    """The error of the first line counts, whatever its kind."""

    def check(self, source, *expected):
        """Run a file; its errors contain what is expected."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "script.py")
            with open(path, "wb") as file:
                file.write(source)
            done = subprocess.run([sys.executable, path], capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        for text in expected:
            self.assertIn(text, done.stderr.decode())

    def test_undecodable(self):
        self.check(b'x = )\n"\xff"\n', "unmatched ')'", "line 1\n")
        self.check(b'x = "foo\n"\xff"\n', "unterminated string literal (detected at line 1)")
        self.check(b"if x:\n  y\n z\n\xff\n", "unindent does not match", "line 3\n")
        self.check(b'"\xff"\nx = )\n', "Non-UTF-8 code starting with '\\xff'", "on line 1,")
        self.check(b'x = 1\r\ny = """\r\n\xff"""\r\n', "Non-UTF-8 code", "on line 3,")

    def test_parser_reads_to_the_end(self):
        """An error of the parser comes after all errors of lines."""
        self.check(b'1 +\n"\xff"\n', "Non-UTF-8 code", "on line 2,")
        self.check(b"1 +\n\0\n", "null bytes", "line 2\n")

    def test_null_bytes(self):
        self.check(b"x = )\n\0\n", "unmatched ')'", "line 1\n")
        self.check(b"\0\nx = )\n", "null bytes", "line 1\n")
        self.check(b'"\xff"\n\0\n', "Non-UTF-8 code", "on line 1,")
        self.check(b'\0\n"\xff"\n', "null bytes", "line 1\n")

    def test_declared_encoding(self):
        """Text in a declared encoding is decoded in blocks."""
        head = b"# coding: ascii\nx = )\n"
        self.check(head + b"\xff", "encoding problem: ascii")
        self.check(head + b"#\n" * 8192 + b"\xff", "unmatched ')'", "line 2\n")
        self.check(b"# coding: ascii\n" + b"#\n" * 8192 + b"\xff",
                   "(unicode error) 'ascii' codec can't decode byte 0xff", "line 81")


if __name__ == "__main__":
    unittest.main()
