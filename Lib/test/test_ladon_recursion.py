"""Deep recursion in C ends in RecursionError, or works: on the main thread and on small stacks.

The limit is the C stack of the thread, so whether a given depth works depends on the thread.
"""

import ast
import collections
import collections.abc
import functools
import itertools
import json
import marshal
import threading
import types
import unittest

DEPTH = 20_000


def nest(make, inner=None, depth=DEPTH):
    """Return make(make(...make(inner)))."""
    for _ in range(depth):
        inner = make(inner)
    return inner


def chain(source):
    yield from source


class Link:
    """One object of a linked list."""

    def __init__(self, next):
        self.next = next


class Partial(functools.partial):
    """partial() takes plain partials apart, these not."""


WRAPPERS = {
    "list": lambda x: [x],
    "tuple": lambda x: (x,),
    "dict": lambda x: {1: x},
    "frozenset of tuples": lambda x: frozenset([(x,)]) if x is None else (x,),
    "object": Link,
    "deque": lambda x: collections.deque([x]),
    "defaultdict": lambda x: collections.defaultdict(int, {1: x}),
    "OrderedDict": lambda x: collections.OrderedDict({1: x}),
    "namespace": lambda x: types.SimpleNamespace(x=x),
    "cell": types.CellType,
    "slice": slice,
    "property": property,
    "classmethod": classmethod,
    "staticmethod": staticmethod,
    "method": lambda x: types.MethodType(x if x is not None else len, 1),
    "alias": lambda x: types.GenericAlias(x if x is not None else list, (int,)),
    "mapping proxy": lambda x: types.MappingProxyType(x if x is not None else {1: 2}),
    "map": lambda x: map(int, x if x is not None else [1]),
    "zip": lambda x: zip(x if x is not None else [1]),
    "enumerate": lambda x: enumerate(x if x is not None else [1]),
    "filter": lambda x: filter(None, x if x is not None else [1]),
    "islice": lambda x: itertools.islice(x if x is not None else [1], 5),
    "chain": lambda x: itertools.chain(x if x is not None else [1]),
    "takewhile": lambda x: itertools.takewhile(bool, x if x is not None else [1]),
    "generator": lambda x: chain(x if x is not None else [1]),
    "exception": Exception,
    "wrapper": lambda x: (x if x is not None else len).__call__,
    "partial": lambda x: Partial(x if x is not None else len),
}

ACTIONS = [repr, hash, lambda x: x == x, next, lambda x: x[1], len, bool, lambda x: x(),
           lambda x: x([]), lambda x: x | x, lambda x: x + x, lambda x: -x, lambda x: 1 in x,
           lambda x: x.__doc__, lambda x: x.__name__, lambda x: x.__isabstractmethod__,
           lambda x: x.__get__(1, int), lambda x: x.throw(ValueError), lambda x: x.close(),
           lambda x: isinstance(1, x), marshal.dumps]

SOURCES = ["(" * DEPTH + ")" * DEPTH, "[" * DEPTH + "]" * DEPTH, "-" * DEPTH + "1",
           "not " * DEPTH + "1", "a" + "**a" * DEPTH, "a" + ".a" * DEPTH, "a" + "()" * DEPTH,
           "lambda:" * DEPTH + "1", "1 if 2 else " * DEPTH + "1", "a" + "+a" * DEPTH,
           "(a:=" * DEPTH + "1" + ")" * DEPTH]


class RecursionTests(unittest.TestCase):
    def on_thread(self, kib, function):
        """Run function on a thread with a C stack of that many KiB; 0: on this one."""
        if not kib:
            return function()
        outcome = []

        def run():
            try:
                function()
            except BaseException as exc:
                outcome.append(exc)

        before = threading.stack_size(kib * 1024)
        try:
            thread = threading.Thread(target=run)
            thread.start()
        finally:
            threading.stack_size(before)
        thread.join()
        for exc in outcome:
            raise exc

    def check(self, function):
        for kib in (0, 64, 256):
            with self.subTest(kib=kib):
                self.on_thread(kib, function)

    def test_objects(self):
        """Chains of every kind of wrapper: used as anything, then released."""
        def use():
            for name, make in WRAPPERS.items():
                for action in ACTIONS:
                    obj = nest(make, depth=DEPTH // 10)
                    try:
                        action(obj)
                    except (RecursionError, TypeError, AttributeError, KeyError, ValueError,
                            IndexError, StopIteration, RuntimeError):
                        pass
                    del obj
        self.check(use)

    def test_release(self):
        """Releasing a long chain needs no C stack to speak of."""
        def release():
            for make in WRAPPERS.values():
                nest(make)
        self.check(release)

    def test_sources(self):
        """Deeply nested sources are compiled or refused."""
        def compile_all():
            for source in SOURCES:
                try:
                    compile(source, "deep", "eval")
                except (RecursionError, MemoryError, SyntaxError):
                    pass
                node = nest(lambda x: ast.UnaryOp(ast.Not(), x), ast.Constant(1), 5000)
                try:
                    compile(ast.fix_missing_locations(ast.Expression(node)), "deep", "eval")
                except RecursionError:
                    pass
        self.check(compile_all)

    def test_classes(self):
        """Long chains of subclasses: their attributes, slots, orders and patterns."""
        def use():
            class Root:
                pass

            class Other:
                pass
            top = last = type("Top", (Root,), {})
            for _ in range(700):
                last = type("Sub", (last,), {})
            self.assertFalse(hasattr(last(), "late"))
            top.late = 1
            self.assertEqual(last().late, 1)
            top.late = 2
            self.assertEqual(last().late, 2)
            collections.abc.Sequence.register(top)
            for change in (lambda: setattr(top, "__eq__", lambda a, b: True),
                           lambda: setattr(top, "__bases__", (Other,)),
                           lambda: dir(last)):
                try:
                    change()
                except RecursionError:
                    pass
        self.check(use)

    def test_data(self):
        """json, marshal and isinstance() on deep data."""
        def use():
            for function in (lambda: json.loads("[" * DEPTH + "]" * DEPTH),
                             lambda: json.dumps(nest(lambda x: [x])),
                             lambda: marshal.loads(b")\1" * DEPTH + b"N"),
                             lambda: isinstance("", nest(lambda x: (x,), int)),
                             lambda: functools.reduce(lambda a, b: (a,), range(DEPTH)) == ()):
                try:
                    function()
                except (RecursionError, ValueError):
                    pass
        self.check(use)

    def test_python_recursion_through_c(self):
        """Endless recursion through C functions gives RecursionError on every stack."""
        def recurse():
            with self.assertRaises(RecursionError):
                def f(n):
                    return list(map(f, [n + 1]))
                f(0)

            class Same:
                def __repr__(self):
                    return repr(self)

                def __getattr__(self, name):
                    return getattr(self, name)
            with self.assertRaises(RecursionError):
                repr(Same())
            with self.assertRaises(RecursionError):
                Same().x
        self.check(recurse)

    def test_smallest_stack(self):
        """The smallest stack that threading.stack_size() takes runs a function."""
        ran = []
        self.on_thread(32, lambda: ran.append(1))
        self.assertEqual(ran, [1])


if __name__ == "__main__":
    unittest.main()
