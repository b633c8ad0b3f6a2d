"""markupsafe in depth: every public name, through the C function that escapes."""

import copy
import pickle
import sys
import threading

import markupsafe
from markupsafe import EscapeFormatter, Markup, escape, escape_silent, soft_str
from markupsafe import _speedups
from common import show

show("native code", lambda: markupsafe._escape_inner is _speedups._escape_inner)
show("kind", lambda: type(_speedups._escape_inner).__name__)
show("doc", lambda: _speedups._escape_inner.__doc__)
show("names", lambda: [n for n in dir(_speedups) if not n.startswith("__")])

# One, two and four bytes per character; nothing to escape gives the object itself.
SAMPLES = ["", "plain", "<&>'\"", "a<b", "\xe9<\xff", "\u20ac & \u4e2d", "\U0001f600'\U0001f600",
           "&" * 100, "x" * 1000 + ">", "\0<\0"]
for sample in SAMPLES:
    show("escape", escape, sample)
    show("inner", _speedups._escape_inner, sample)
show("unchanged", lambda: _speedups._escape_inner(SAMPLES[1]) is SAMPLES[1])


class Html:
    """An object that brings its own markup, or fails to."""

    def __init__(self, value):
        self.value = value

    def __html__(self):
        if isinstance(self.value, Exception):
            raise self.value
        return self.value

    def __html_format__(self, spec):
        return f"<b>{spec or 'no spec'}</b>"


class Text:
    """An object with a str() that needs escaping, or that fails."""

    def __init__(self, value):
        self.value = value

    def __str__(self):
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


class StrSubclass(str):
    pass


for value in (1, 1.5, None, b"<b>", [1, "<"], Html("<i>"), Text("<u>"), StrSubclass("<s>"),
              Markup("<done>")):
    name = type(value).__name__
    show(f"escape {name}", escape, value)
    show(f"escape_silent {name}", escape_silent, value)
show("soft_str", lambda: (soft_str(5), soft_str("a"), type(soft_str(Markup("<"))).__name__))

show("inner without argument", _speedups._escape_inner)
show("inner with two", _speedups._escape_inner, "a", "b")
show("inner with keyword", lambda: _speedups._escape_inner(s="a"))
show("html raises", escape, Html(ValueError("from __html__")))
show("str raises", escape, Text(KeyError("from __str__")))
show("str of wrong type", escape, Text(5))

m = Markup("<em>%s</em>")
show("mod str", lambda: m % "<x>")
show("mod tuple", lambda: Markup("%s %d %r %.1f") % ("<", 5, "&", 2.5))
show("mod dict", lambda: Markup("%(a)s") % {"a": "<a>"})
show("mod too many", lambda: m % ("a", "b"))
show("mod too few", lambda: Markup("%s%s") % ("a",))
show("add", lambda: m + "<y>")
show("radd", lambda: "<y>" + m)
show("add int", lambda: m + 5)
show("mul", lambda: (Markup("<") * 2, 2 * Markup("<")))
show("join", lambda: Markup(", ").join(["<a>", Markup("<b>"), 5, Html("<c>")]))
show("split", lambda: (Markup("a<b a").split(), Markup("a,b").rsplit(",", 1),
                       Markup("a\nb").splitlines(True)))
show("partition", lambda: (Markup("a<b").partition("<"), Markup("a<b<c").rpartition("<")))
show("case", lambda: [getattr(Markup("<aB>"), n)() for n in
                      "capitalize title lower upper swapcase casefold".split()])
show("pad", lambda: (Markup("a").ljust(5, "<"), Markup("a").rjust(3), Markup("a").center(4, "*"),
                     Markup("5").zfill(3), Markup("\t").expandtabs(2)))
show("strip", lambda: (Markup(" a ").strip(), Markup("<a<").lstrip("<"), Markup("<a<").rstrip("<"),
                       Markup("<a").removeprefix("<"), Markup("a>").removesuffix(">")))
show("replace", lambda: Markup("a-b").replace("-", "<"))
show("translate", lambda: Markup("abc").translate({97: "<"}))
show("index", lambda: (Markup("<ab>")[0], Markup("<ab>")[1:3]))
show("unescape", lambda: Markup("&lt;&amp;&gt;&euro;").unescape())
show("striptags", lambda: Markup("<p>a <!-- x --> <b>b</b>\n &lt;").striptags())
show("format", lambda: Markup("{} {a} {0!r}".replace("{}", "{0}")).format("<", a=Html("<ok>")))
show("format spec", lambda: Markup("{0:>5} {1:spec} {1}").format("<", Html("x")))
show("format auto", lambda: Markup("{}{}").format("<", Markup("<")))
show("format_map", lambda: Markup("{a}").format_map({"a": "<"}))
show("html without format", lambda: Markup("{0:x}").format(type("H", (), {
    "__html__": lambda self: "h"})()))
show("__format__", lambda: format(Markup("<"), ">3"))
show("formatter", lambda: EscapeFormatter(escape).format("{}", "<"))
show("constructor", lambda: (Markup(b"<\xc3\xa9", "utf-8"), Markup(), Markup(5),
                             Markup(b"\xff", "ascii", "replace")))
show("constructor fails", Markup, b"\xff", "ascii")
show("repr and type", lambda: (repr(Markup("'")), type(Markup("a") + "b").__name__))


class Sub(Markup):
    """A subclass keeps its own type."""

    __slots__ = ("extra",)


show("subclass", lambda: (type(Sub("a") + "<").__name__, Sub.escape("<"), Sub("a<").upper()))
show("pickle", lambda: pickle.loads(pickle.dumps(Markup("<p>"))))
show("copy", lambda: (copy.copy(Markup("<")), copy.deepcopy(Markup("<"))))
text = "".join(chr(c) for c in range(0x20, 0x3000, 7))
expected = text.replace("&", "&amp;").replace(">", "&gt;").replace("<", "&lt;")
expected = expected.replace("'", "&#39;").replace('"', "&#34;")
results = []


def work():
    results.append(all(str(escape(text)) == expected for _ in range(200)))


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
show("threads", lambda: results)
before = sys.getrefcount(text)
for _ in range(100):
    escape(text)
    try:
        _speedups._escape_inner(text, text)
    except TypeError:
        pass
show("references", lambda: sys.getrefcount(text) - before)
