"""_elementtree: trees that change while they are used, parsers used by what they call, failing
allocations, and the same results as the pure module's on odd trees."""

import _elementtree
import _xxsubinterpreters as interpreters
import copy
import gc
import io
import itertools
import pickle
import random
import unittest
from test.support.import_helper import import_fresh_module
from xml.etree import ElementTree as ET

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

pure = import_fresh_module("xml.etree.ElementTree", blocked=["_elementtree"])
Element = _elementtree.Element


class Equal:
    """A tag that does something when it is compared."""
    def __init__(self, action, result=False):
        self.action = action
        self.result = result

    def __eq__(self, other):
        self.action()
        return self.result

    __hash__ = None


class Odd(Element):
    """An element that does something when it is compared."""
    action = staticmethod(lambda: None)

    def __eq__(self, other):
        self.action()
        return True


def tree(n=8):
    root = Element("root")
    for i in range(n):
        root.append(Element(f"c{i}", number=str(i)))
    return root


class ElementTests(unittest.TestCase):
    def test_change_while_finding(self):
        """Comparing tags may empty the tree or make it grow."""
        for change in (lambda e: e.clear(), lambda e: e.append(Element("more")),
                       lambda e: e.__delitem__(slice(None))):
            for call in (lambda e, tag: list(e.iter(tag)), lambda e, tag: e.remove(tag)):
                e = tree()
                calls = []

                def action():
                    calls.append(1)
                    if len(calls) < 20:
                        change(e)
                tag = Equal(action)
                for child in e:
                    child.tag = tag
                try:
                    call(e, tag)
                except (ValueError, TypeError):
                    pass
                self.assertEqual([type(c) for c in e], [Element] * len(e))

            e = tree()
            for name in "find", "findtext", "findall":
                e[0].tag = Equal(lambda: change(e) if len(e) < 50 else None)
                getattr(e, name)("c5")
                e.extend(tree())

    def test_change_while_removing(self):
        for change in (lambda e: e.clear(), lambda e: e.insert(0, Element("more"))):
            e = Element("e")
            e.extend([Odd("a"), Odd("b")])
            for child in e:
                child.action = lambda: change(e) if len(e) < 20 else None
            try:
                e.remove(Element("x"))
            except ValueError:
                pass
            self.assertLessEqual(len(e), 20)

    def test_slices(self):
        """Slices are set and deleted as those of a list are, also the element's own."""
        values = [None, 0, 1, 3, 7, 100, -1, -3, -100]
        for start, stop, step in itertools.product(values, values, (None, 1, 2, 3, -1, -2)):
            key = slice(start, stop, step)
            for n in (0, 1, 3, 8):
                e = tree()
                expected = list(e)
                new = [Element("n") for _ in range(n)]
                try:
                    expected[key] = new
                except ValueError:
                    with self.assertRaisesRegex(ValueError, "extended slice"):
                        e[key] = new
                else:
                    e[key] = new
                self.assertEqual(list(e), expected)
            e = tree()
            expected = list(e)
            del e[key], expected[key]
            self.assertEqual(list(e), expected)
        e = tree()
        children = list(e)
        e[:] = e
        e[2:2] = e
        self.assertEqual(list(e), children[:2] + children + children[2:])

    def test_finalizers(self):
        """What is removed may have a finalizer that uses the tree."""
        class Last(Element):
            def __del__(self):
                seen.append(len(e))
                if len(e) < 50:
                    e.append(Element("late"))
                e.attrib["x"] = "y"
        for remove in (lambda: e.clear(), lambda: e.__delitem__(slice(None)),
                       lambda: e.__setitem__(slice(None), []), lambda: e.__delitem__(0),
                       lambda: e.__setitem__(0, Element("n")), lambda: e.remove(e[0]),
                       lambda: e.__init__("again"), lambda: e.__setstate__({"tag": "t"}),
                       lambda: setattr(e, "text", None), lambda: setattr(e, "attrib", {})):
            e, seen = Element("e", a="b"), []
            e.extend([Last("l") for _ in range(3)])
            e.text = Last("text")
            e.attrib["last"] = Last("value")
            remove()
            gc.collect()
            self.assertEqual([type(c) for c in e if not isinstance(c, Element)], [])
            e.clear()

    def test_deep(self):
        """Depth is limited by memory for all but copies."""
        root = e = Element("root")
        for _ in range(200000):
            e = _elementtree.SubElement(e, "e")
        e.text = "deep"
        self.assertEqual(sum(1 for _ in root.iter()), 200001)
        self.assertEqual(list(root.itertext()), ["deep"])
        try:
            copy.deepcopy(root)
        except RecursionError:
            pass
        del root, e
        gc.collect()

    def test_cycle(self):
        e = Element("e")
        e.append(e)
        twin = copy.deepcopy(e)
        self.assertIs(twin[0], twin)
        self.assertEqual(len(list(itertools.islice(e.iter(), 1000))), 1000)
        e.text = e
        e.attrib["self"] = e
        twin = copy.deepcopy(e)
        self.assertIs(twin.text, twin)
        self.assertIs(twin.attrib["self"], twin)

    def test_states(self):
        """Bad states leave the element as it is."""
        e = tree()
        for state in ({}, {"tag": 1, "_children": [1]}, {"tag": 1, "_children": e},
                      {"tag": 1, "attrib": 5}, {"tag": 1, "other": 2}, None, [], {1: 2}):
            self.assertRaises(TypeError, e.__setstate__, state)
            self.assertEqual((e.tag, len(e)), ("root", 8))
        again = pickle.loads(pickle.dumps(e))
        self.assertEqual(ET.tostring(again), ET.tostring(e))
        e.__setstate__({"tag": "t", "_children": [e]})
        self.assertIs(e[0], e)
        e.clear()

    def test_against_pure_module(self):
        """Random documents: trees, texts, events and finding are those of the pure module."""
        rand = random.Random(5)

        def document(depth):
            parts = []
            for _ in range(rand.randrange(5)):
                kind = rand.randrange(6)
                if kind == 0 and depth < 4:
                    tag = rand.choice(("a", "b", "c", "p:a"))
                    parts.append(f"<{tag} x='{rand.random()}'>{document(depth + 1)}</{tag}>")
                else:
                    parts.append(("t", " &lt;", "<!-- c -->", "<?pi d?>", "<b/>",
                                  "<![CDATA[d]]>")[kind])
            return "".join(parts)

        def result(module, text, size):
            builder = module.TreeBuilder(insert_comments=size % 2, insert_pis=size % 3)
            parser = module.XMLPullParser(["start", "end", "comment", "pi", "start-ns", "end-ns"],
                                          _parser=module.XMLParser(target=builder))
            for i in range(0, len(text), size):
                parser.feed(text[i:i + size])
            events = [(event, getattr(value, "text", value)) for event, value
                      in parser.read_events()]
            parser.close()
            root = builder.close()
            found = [[e.tag if isinstance(e.tag, str) else "" for e in root.findall(path)]
                     for path in ("a", "*", ".//b", "a/b", "{u}a", "a[1]", ".")]
            # In C, texts of comments and processing instructions count (in CPython as well).
            texts = list(root.itertext()) if size % 6 == 0 else []
            return (module.tostring(root), events, texts, found,
                    [root.findtext(tag, 5) for tag in ("a", "b", "zz", "{u}a")])

        for size in range(1, 60):
            text = f"<r xmlns:p='u'>{''.join(document(0) for _ in range(4))}</r>"
            self.assertEqual(result(ET, text, size), result(pure, text, size), text)


class ParserTests(unittest.TestCase):
    def test_feed_in_target(self):
        """libexpat is not entered again."""
        for call in (lambda p: p.feed("<b/>"), lambda p: p.close(), lambda p: p.__init__(),
                     lambda p: p._parse_whole(io.BytesIO(b"<b/>"))):
            class Target:
                def start(self, tag, attrib):
                    call(parser)
            parser = ET.XMLParser(target=Target())
            with self.assertRaisesRegex(RuntimeError, "at work"):
                parser.feed("<a>text</a>")
            del parser

    def test_init_in_target(self):
        """Looking up the target's methods may use the parser."""
        for call in (lambda p: p.__init__(), lambda p: p.__init__(target=None, encoding="utf-8"),
                     lambda p: p.feed("<a>"), lambda p: p.close()):
            class Target:
                def __getattr__(self, name):
                    try:
                        call(parser)
                    except (ValueError, ET.ParseError):
                        pass
                    raise AttributeError(name)
            parser = _elementtree.XMLParser.__new__(_elementtree.XMLParser)
            parser.__init__(target=Target())
            self.assertIsInstance(parser.target, Target)
            parser.feed("<a/>")
            self.assertIsNone(parser.close())

    def test_failed_init(self):
        """A parser whose initialisation fails stays what it was."""
        class Target:
            @property
            def data(self):
                raise KeyError
        parser = ET.XMLParser()
        parser.feed("<a>")
        self.assertRaises(KeyError, parser.__init__, target=Target())
        parser.feed("</a>")
        self.assertEqual(parser.close().tag, "a")
        new = _elementtree.XMLParser.__new__(_elementtree.XMLParser)
        self.assertRaises(KeyError, new.__init__, target=Target())
        self.assertRaises(ValueError, new.feed, "<a/>")

    def test_builder_changed_by_factory(self):
        """A factory may use the builder that called it."""
        def factory(tag, attrib):
            calls.append(tag)
            if len(calls) < 5:
                builder.start("inner", {})
                builder.data("text")
                builder.__init__(element_factory=factory)
            return Element(tag, attrib)
        calls = []
        builder = ET.TreeBuilder(element_factory=factory)
        builder.start("outer", {})
        for _ in range(5):
            builder.end("x")
        self.assertRaises(IndexError, builder.end, "x")
        self.assertIsInstance(builder.close(), Element)

    def test_queue(self):
        """The queue of events may do anything, and its exception ends the parser."""
        class Queue:
            def append(self, event):
                self.count += 1
                parser._setevents(self, ["start", "end"])
                if self.count == 3:
                    raise KeyError
        queue = Queue()
        queue.count = 0
        parser = ET.XMLParser()
        parser._setevents(queue, ["start"])
        with self.assertRaises(KeyError):
            parser.feed("<a><b/><c/></a>")
        self.assertEqual(queue.count, 3)
        self.assertRaises(ET.ParseError, parser.feed, "<d/>")

    def test_bad_factory_results(self):
        for made in (None, 5, "text", [], object()):
            builder = ET.TreeBuilder(element_factory=lambda tag, attrib: made)
            builder.start("a", {})
            builder.data("text")
            try:
                builder.start("b", {})
                builder.end("b")
            except (AttributeError, TypeError):
                pass
            builder.close()
        builder = ET.TreeBuilder(comment_factory=lambda text: 5, insert_comments=True)
        builder.start("a", {})
        self.assertRaises(TypeError, builder.comment, "c")

    def test_interpreters(self):
        """Interpreters have types of their own."""
        for _ in range(3):
            interp = interpreters.create(isolated=True)
            try:
                interpreters.run_string(interp, """if True:
                    import builtins
                    from xml.etree import ElementTree as ET
                    builtins.kept = ET.fromstring("<a b='c'>text<d/>tail</a>")
                    assert ET.tostring(kept) == b'<a b="c">text<d />tail</a>'
                    kept.append(kept)
                """)
            finally:
                interpreters.destroy(interp)

    @ladon_support.needs_failing_allocations
    def test_memory_errors(self):
        """Each allocation may fail, and nothing is lost."""
        def action():
            parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True, insert_pis=True))
            queue = []
            parser._setevents(queue, ["start", "end", "start-ns", "comment", "pi"])
            parser.feed("<a xmlns='u' b='c'>text<d/>tail<!-- c --><?pi d?><e>f&amp;g</e></a>")
            root = parser.close()
            copy.deepcopy(root).extend(root)
            root[1:1] = [copy.copy(root)] * 9
            del root[::2]
            root.findall("e"), list(root.iter("e")), list(root.itertext())
            root.__setstate__(root.__getstate__())
            ET.SubElement(root, "tag", {"x": "y"}, z="w").set("k", "l")

        # One of Python's or one of the library's failed.
        lost, number = ladon_support.lost_blocks(action, (MemoryError, ET.ParseError))
        self.assertGreater(number, 100)
        self.assertLess(lost, 100)


if __name__ == "__main__":
    unittest.main()
