"""Reader of the instruction language of Python/bytecodes.c.

Turns the text into a list of definitions; knows the syntax, not the meaning
(analysis.py does).  Anything it does not understand is an error with a line number:
a misspelt word must never silently become C code.

Written from README.md in this folder, which is the description of the language.
"""

import re
from dataclasses import dataclass, field


class DSLError(Exception):
    """A mistake in bytecodes.c; the text begins with FILE:LINE."""


TOKEN = re.compile(r"""
    (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<space>\s+)
  | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
  | (?P<directive>^\#[^\n]*)
  | (?P<number>0[xX][0-9a-fA-F]+|\d+[uUlL]*(?:\.\d+)?)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<op>--\)|->|<<=|>>=|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=
        |[][(){}<>.,;:?!~=+\-*/%&|^])
""", re.X | re.S | re.M)


@dataclass
class Token:
    kind: str
    text: str
    line: int


@dataclass
class Operand:
    """One named value of a stack effect."""
    name: str
    size: str = "1"         # C expression: number of slots
    cond: str = ""          # C expression: present only when true
    take: bool = False      # the body consumes the reference
    keep: bool = False      # the reference stays on the stack (same name in outputs)


@dataclass
class Cache:
    name: str
    units: int


@dataclass
class Definition:
    kind: str               # inst, pseudo, super, family, form, adaptive
    name: str
    number: int = -1
    line: int = 0
    attributes: list = field(default_factory=list)
    caches: list = field(default_factory=list)
    inputs: list = field(default_factory=list)
    outputs: list = field(default_factory=list)
    jump_outputs: list = None   # pseudo instructions: outputs when the jump is taken
    body: list = None       # tokens between the braces
    members: list = field(default_factory=list)     # family, super
    base: str = ""          # adaptive, form: the generic instruction


def tokenize(text, filename="<text>"):
    pos, line, out = 0, 1, []
    while pos < len(text):
        m = TOKEN.match(text, pos)
        if m is None:
            raise DSLError(f"{filename}:{line}: unexpected character {text[pos]!r}")
        kind, s = m.lastgroup, m.group()
        if kind == "op" and s == "--)":     # "(a -- )" written without a blank
            out.append(Token("op", "--", line))
            out.append(Token("op", ")", line))
        elif kind not in ("space",):
            out.append(Token(kind, s, line))
        line += s.count("\n")
        pos = m.end()
    return out


class Reader:
    """Recursive descent over the tokens of one file."""

    ATTRIBUTES = {"name", "const", "local", "free", "jump", "exc", "noescape",
                  "internal", "control", "nofall", "label", "borrows", "owns"}

    def __init__(self, text, filename):
        self.filename = filename
        self.tokens = tokenize(text, filename)
        self.pos = 0

    # -- tokens --
    def error(self, message, token=None):
        line = (token or self.peek_any() or Token("", "", 0)).line
        raise DSLError(f"{self.filename}:{line}: {message}")

    def peek_any(self):
        return self.tokens[self.pos] if self.pos < len(self.tokens) else None

    def peek(self):
        while self.pos < len(self.tokens) and self.tokens[self.pos].kind == "comment":
            self.pos += 1
        return self.peek_any()

    def next(self):
        token = self.peek()
        if token is None:
            raise DSLError(f"{self.filename}: unexpected end of file")
        self.pos += 1
        return token

    def at(self, text):
        token = self.peek()
        return token is not None and token.text == text

    def expect(self, text):
        token = self.next()
        if token.text != text:
            self.error(f"expected {text!r}, found {token.text!r}", token)
        return token

    def name(self):
        token = self.next()
        if token.kind != "name":
            self.error(f"expected a name, found {token.text!r}", token)
        return token.text

    def number(self):
        token = self.next()
        if token.kind != "number" or not token.text.isdigit():
            self.error(f"expected a number, found {token.text!r}", token)
        return int(token.text)

    def until(self, *closers):
        """Text of an expression up to (not including) a closer at depth 0."""
        depth, parts = 0, []
        while True:
            token = self.peek()
            if token is None:
                self.error("unterminated expression")
            if depth == 0 and token.text in closers:
                if not parts:
                    self.error("empty expression", token)
                return " ".join(parts).replace("( ", "(").replace(" )", ")")
            depth += (token.text in "([") - (token.text in ")]")
            parts.append(self.next().text)

    # -- definitions --
    def file(self):
        out = []
        while self.peek() is not None:
            if self.peek().kind == "directive":
                self.error("preprocessor lines are not part of the language")
            out.append(self.definition())
        return out

    def definition(self):
        token = self.next()
        method = {"inst": self.inst, "pseudo": self.pseudo, "super": self.super_inst,
                  "family": self.family, "form": self.form, "adaptive": self.adaptive,
                  "reserved": self.reserved}.get(token.text)
        if method is None:
            self.error(f"unknown definition {token.text!r}", token)
        d = method()
        d.line = token.line
        return d

    def header(self, d):
        self.expect("(")
        d.name = self.name()
        self.expect("=")
        d.number = self.number()

    def inst(self):
        d = Definition("inst", "")
        self.header(d)
        while self.at(","):
            self.expect(",")
            if self.at("("):
                self.effect(d)
                break
            word = self.next()
            if word.text not in self.ATTRIBUTES:
                self.error(f"unknown attribute {word.text!r}", word)
            if word.text in d.attributes:
                self.error(f"attribute {word.text!r} given twice", word)
            d.attributes.append(word.text)
        else:
            self.error(f"{d.name}: no stack effect")
        self.expect(")")
        d.body = self.body()
        return d

    def pseudo(self):
        d = Definition("pseudo", "")
        self.header(d)
        while self.at(","):
            self.expect(",")
            if self.at("("):
                self.effect(d)
                if self.at(","):        # the effect of the taken jump
                    self.expect(",")
                    other = Definition("pseudo", d.name)
                    self.effect(other)
                    d.jump_outputs = other.outputs
                break
            word = self.next()
            if word.text not in self.ATTRIBUTES:
                self.error(f"unknown attribute {word.text!r}", word)
            d.attributes.append(word.text)
        self.expect(")")
        self.expect(";")
        return d

    def reserved(self):
        d = Definition("reserved", "")
        self.header(d)
        self.expect(")")
        self.expect(";")
        return d

    def super_inst(self):
        d = Definition("super", "")
        self.header(d)
        self.expect(")")
        self.expect("=")
        d.members = [self.name()]
        self.expect("+")
        d.members.append(self.name())
        self.expect(";")
        return d

    def family(self):
        d = Definition("family", "")
        self.expect("(")
        d.name = self.name()
        self.expect(")")
        self.expect("=")
        self.expect("{")
        while not self.at("}"):
            d.members.append(self.name())
            if not self.at("}"):
                self.expect(",")
        self.expect("}")
        self.expect(";")
        return d

    def form(self):
        d = Definition("form", "")
        self.expect("(")
        d.name = self.name()
        self.expect(")")
        self.expect("=")
        d.base = self.name()
        self.expect(";")
        return d

    def adaptive(self):
        d = Definition("adaptive", "")
        self.header(d)
        self.expect(",")
        d.base = self.name()
        self.expect(")")
        d.body = self.body()
        return d

    def effect(self, d):
        self.expect("(")
        while not self.at("--"):
            start = self.peek()
            take = False
            word = self.name()
            if word == "take" and self.peek().kind == "name":
                take, word = True, self.name()
            if self.at("/"):
                if take or d.inputs:
                    self.error("cache entries come first and are not taken", start)
                self.expect("/")
                d.caches.append(Cache(word, self.number()))
            else:
                d.inputs.append(self.operand(word, take))
            if not self.at("--"):
                self.expect(",")
        self.expect("--")
        while not self.at(")"):
            d.outputs.append(self.operand(self.name(), False))
            if not self.at(")"):
                self.expect(",")
        self.expect(")")

    def operand(self, word, take):
        op = Operand(word, take=take)
        if self.at("["):
            self.expect("[")
            op.size = self.until("]")
            self.expect("]")
        if self.at("if"):
            self.expect("if")
            self.expect("(")
            op.cond = self.until(")")
            self.expect(")")
            if op.size != "1":
                self.error(f"{word}: an array cannot be conditional")
        return op

    def body(self):
        """The raw tokens between the braces, comments included."""
        opening = self.expect("{")
        depth, out = 1, []
        while True:
            token = self.peek_any()
            if token is None:
                self.error("unterminated body", opening)
            self.pos += 1
            if token.kind == "directive":
                self.error("preprocessor lines are not part of the language", token)
            if token.kind == "op":
                depth += (token.text == "{") - (token.text == "}")
            if depth == 0:
                return out
            out.append(token)


def read_file(path):
    with open(path, encoding="utf-8") as f:
        return read_text(f.read(), path)


def read_text(text, filename="<text>"):
    return Reader(text, filename).file()
