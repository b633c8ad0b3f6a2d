"""pyexpat: what the suite of CPython does not test.  Reentrancy, long-lived parsers of entities,
input in small pieces, deep content models, failing allocations, interpreters."""

import _xxsubinterpreters as interpreters
import gc
import io
import random
import threading
import time
import unittest

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

from pyexpat import ExpatError, ParserCreate, XMLParserType
import pyexpat

DOCUMENT = b"""<?xml version="1.0" encoding="iso-8859-1" standalone="no"?>
<?pi content?><!-- comment -->
<!DOCTYPE root SYSTEM "root.dtd" [
<!ELEMENT root (a|(b,c?)*|d+)>
<!ATTLIST root a1 CDATA #REQUIRED a2 (p|q) "p">
<!NOTATION notation PUBLIC "pub">
<!ENTITY inner "&#226;">
<!ENTITY outer SYSTEM "entity.file">
<!ENTITY unparsed PUBLIC "pubid" "entity.file" NDATA notation>
]>
<root a1="v" xmlns="http://d" xmlns:my="http://x"><my:sub my:at="1">&inner;\n\xe9</my:sub>
<![CDATA[data]]>&outer;&skipped;</root>
"""
HANDLERS = [name for name in dir(XMLParserType) if name.endswith("Handler")
            and name != "DefaultHandler"]


def parser_with_handlers(handler):
    """Return a parser of DOCUMENT that calls handler(name, arguments)."""
    parser = ParserCreate(None, "!")
    for name in HANDLERS:
        def call(*args, name=name):
            result = handler(name, args)
            return 1 if result is None else result
        setattr(parser, name, call)
    return parser


class ExpatTests(unittest.TestCase):
    def test_all_handlers(self):
        """The document causes all events but those without a doctype's end of namespaces."""
        seen = set()
        parser_with_handlers(lambda name, args: seen.add(name)).Parse(DOCUMENT, True)
        self.assertEqual(seen, set(HANDLERS))

    def test_parse_in_handler(self):
        """libexpat is not entered again by a handler, and the parser ends with the exception."""
        for again in (lambda p: p.Parse(b"<b/>"), lambda p: p.Parse("<b/>", True),
                      lambda p: p.ParseFile(io.BytesIO(b"<b/>"))):
            parser = ParserCreate()
            parser.StartElementHandler = lambda name, attributes: again(parser)
            with self.assertRaisesRegex(RuntimeError, "at work"):
                parser.Parse(b"<a>text</a>", True)
            self.assertIsNone(parser.StartElementHandler)
            self.assertRaises(ExpatError, parser.Parse, b"<a/>", True)

    def test_change_everything_in_handler(self):
        """Handlers, buffer and its size change at every event."""
        for size in (1, 3, 10000):
            events = []

            def handler(name, args):
                events.append(name)
                parser.buffer_size = size + len(events) % 2
                parser.buffer_text = len(events) % 3
                parser.CharacterDataHandler = events.append if len(events) % 4 else None
                parser.ordered_attributes = len(events) % 2
                parser.namespace_prefixes = True
                setattr(parser, HANDLERS[len(events) % len(HANDLERS)], None)

            parser = parser_with_handlers(handler)
            parser.Parse(DOCUMENT, True)
            self.assertGreater(len(events), 5)

    def test_remove_handlers(self):
        """Handlers that are removed when libexpat has decided to call them."""
        calls = []
        for name in "DefaultHandler", "DefaultHandlerExpand":
            def handler(text):
                calls.append(text)
                setattr(parser, name, None)
            parser = ParserCreate("iso-8859-1")
            setattr(parser, name, handler)
            parser.Parse(b"<!-- " + b"\xe9" * 5000 + b" --><a/>")
            self.assertIsNone(getattr(parser, name))
            setattr(parser, name, calls.append)
            parser.Parse(b"<!-- second -->", True)
            self.assertIn("<!-- second -->", calls)
        for parts in ([b"<!DOCTYPE a", b"><a/>"], [b"<!DOCTYPE a SYSTEM 's'", b" []><a/>"]):
            parser = ParserCreate()
            parser.StartDoctypeDeclHandler = self.fail
            parser.Parse(parts[0])
            parser.StartDoctypeDeclHandler = None
            parser.Parse(parts[1], True)

    def test_damaged_documents(self):
        """Random damage, pieces, and handlers that come and go: exceptions at most."""
        rand = random.Random(7)
        for _ in range(1500):
            data = bytearray(DOCUMENT)
            for _ in range(rand.randrange(5)):
                at = rand.randrange(len(data))
                data[at:at + rand.randrange(10)] = data[rand.randrange(len(data)):][:10]

            def handler(name, args):
                if rand.random() < 0.1:
                    setattr(parser, rand.choice(HANDLERS), rand.choice((None, lambda *args: 1)))
                if rand.random() < 0.01:
                    raise KeyError
            parser = parser_with_handlers(handler)
            parser.buffer_text = rand.randrange(2)
            parser.SetParamEntityParsing(rand.randrange(3))
            size = rand.randrange(1, 100)
            try:
                for at in range(0, len(data), size):
                    parser.Parse(bytes(data[at:at + size]))
                parser.Parse(b"", True)
            except (ExpatError, KeyError, LookupError):
                pass

    def test_buffer_size_in_text_handler(self):
        """The text that is being delivered is not delivered again."""
        got = []

        def text(data):
            got.append(data)
            parser.buffer_size += 1
            parser.buffer_text = False

        parser = ParserCreate()
        parser.buffer_text = True
        parser.CharacterDataHandler = text
        parser.Parse(b"<a>one\ntwo</a>", True)
        self.assertEqual(got, ["one\ntwo"])

    def test_entity_parser_outlives_parent(self):
        """Its libexpat parser uses structures of the parent's."""
        children = []

        def handler(context, *rest):
            children.append(parser.ExternalEntityParserCreate(context))
            return 1

        parser = ParserCreate()
        parser.ExternalEntityRefHandler = handler
        parser.Parse(DOCUMENT, True)
        del parser, handler
        gc.collect()
        got = []
        children[0].CharacterDataHandler = got.append
        children[0].Parse(b"text of the entity", True)
        self.assertEqual(got, ["text of the entity"])
        del children[:]
        gc.collect()

    def test_chain_of_entity_parsers(self):
        """A long chain is freed without recursion."""
        def run():
            parser = ParserCreate()
            for _ in range(2000):
                parser = parser.ExternalEntityParserCreate("")
            del parser
            done.append(1)
        done = []
        size = threading.stack_size(256 * 1024)
        try:
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
        finally:
            threading.stack_size(size)
        self.assertEqual(done, [1])

    def test_cycle(self):
        """A parser whose handlers refer to it is collected."""
        class Probe:
            def __del__(self):
                gone.append(1)
        gone = []
        parser = ParserCreate()
        probe = Probe()
        parser.StartElementHandler = lambda *args, keep=(parser, probe): None
        child = parser.ExternalEntityParserCreate(None)
        child.EndElementHandler = lambda *args, keep=child: None
        del parser, probe, child
        gc.collect()
        self.assertEqual(gone, [1])

    def test_pieces(self):
        """Events come with the last byte that they need."""
        data = b"<root at='1'>text<empty/><!-- c --></root>"
        for size in (1, 5, 7):
            parser, ends = ParserCreate(), []
            parser.EndElementHandler = ends.append
            for i in range(0, len(data), size):
                parser.Parse(data[i:i + size])
                done = data[:i + size]
                self.assertEqual(ends, ["empty"] * (b"<empty/>" in done)
                                 + ["root"] * (b"</root>" in done))

    def test_long_token_in_pieces(self):
        """The work does not grow with the square of a token's length."""
        times = {}
        for count in (20000, 80000):
            parser = ParserCreate()
            parser.Parse(b"<a b='")
            start = time.process_time()
            for _ in range(count):
                parser.Parse(b"x" * 16)
            parser.Parse(b"'/>", True)
            times[count] = time.process_time() - start
        self.assertLess(times[80000], 1 + 10 * times[20000])

    def test_deep_model(self):
        """Content models have no limit of depth."""
        depth, models = 100000, []
        parser = ParserCreate()
        parser.ElementDeclHandler = lambda name, model: models.append(model)
        parser.Parse(b"<!DOCTYPE a [<!ELEMENT a %sb%s>]><a/>" % (b"(" * depth, b")" * depth), 1)
        model = models.pop()
        for _ in range(depth - 1):
            (model,) = model[3]
        self.assertEqual(model, (6, 0, None, ((4, 0, "b", ()),)))

    def test_entity_expansion(self):
        """libexpat's limit of amplification is in force."""
        entities = b"".join(b"<!ENTITY x%d '%s'>" % (i, b"&x%d;" % (i - 1) * 10)
                            for i in range(1, 12))
        with self.assertRaisesRegex(ExpatError, "amplification"):
            ParserCreate().Parse(b"<!DOCTYPE a [<!ENTITY x0 'x'>%s]><a>&x11;</a>" % entities, 1)

    def test_read_calls_parser(self):
        """ParseFile() keeps no pointers while read() runs."""
        class File:
            parts = [b"<a>", b"text", b"</a>", b""]
            def read(self, size):
                if len(self.parts) == 3:
                    parser.Parse(b"<inserted/>")
                return self.parts.pop(0)
        names = []
        parser = ParserCreate()
        parser.EndElementHandler = names.append
        parser.ParseFile(File())
        self.assertEqual(names, ["inserted", "a"])

    def test_names_of_intern(self):
        """A dict of the caller's keeps one object of each name; its values may be anything."""
        names, seen = {"a": "other"}, []
        parser = ParserCreate(intern=names)
        parser.EndElementHandler = seen.append
        parser.Parse(b"<r><a/><b/><b/></r>", True)
        self.assertEqual(seen, ["other", "b", "b", "r"])
        self.assertIs(seen[1], seen[2])
        self.assertIs(names["b"], seen[1])
        self.assertIs(parser.intern, names)
        parser = ParserCreate(intern={"b": []})
        parser.StartElementHandler = lambda *args: None
        self.assertRaises(TypeError, parser.Parse, b"<a b='1'/>")

    def test_interpreters(self):
        """Interpreters have modules of their own."""
        interp = interpreters.create(isolated=True)
        try:
            interpreters.run_string(interp, """if True:
                import pyexpat
                parser = pyexpat.ParserCreate()
                parser.StartElementHandler = lambda name, attributes: parser
                parser.Parse("<a/>", True)
            """)
        finally:
            interpreters.destroy(interp)

    @ladon_support.needs_failing_allocations
    def test_memory_errors(self):
        """Each allocation may fail: MemoryError, and nothing is lost."""
        def action():
            parser = parser_with_handlers(handler)
            parser.buffer_text = True
            parser.SetBase("base")
            parser.Parse(DOCUMENT, True)
            try:
                ParserCreate().Parse(b"<a></b>")
            except ExpatError:
                pass

        def handler(name, args):
            if name == "ExternalEntityRefHandler":
                (pyexpat.ParserCreate()).ExternalEntityParserCreate(args[0]).Parse(b"text", True)

        # One of Python's or one of the library's failed.
        lost, number = ladon_support.lost_blocks(action, (MemoryError, ExpatError))
        self.assertGreater(number, 100)
        self.assertLess(lost, 100)


if __name__ == "__main__":
    unittest.main()
