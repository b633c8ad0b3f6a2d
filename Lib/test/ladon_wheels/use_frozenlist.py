"""frozenlist in depth: a Cython class with a C vtable, its methods and its tracebacks."""

import collections.abc
import copy
import gc
import inspect
import pickle
import sys
import threading
import weakref

import frozenlist
from frozenlist import FrozenList, PyFrozenList
from frozenlist import _frozenlist
from common import show

show("native code", lambda: (FrozenList is _frozenlist.FrozenList, FrozenList is PyFrozenList))
show("class", lambda: (FrozenList.__module__, FrozenList.__qualname__, FrozenList.__flags__ & 512,
                       FrozenList.__basicsize__, FrozenList.__itemsize__, FrozenList.__mro__))
show("names", lambda: [n for n in dir(FrozenList) if n not in dir(object)])
show("abstract", lambda: (issubclass(FrozenList, collections.abc.MutableSequence),
                          isinstance(FrozenList(), collections.abc.Sequence)))
show("kinds", lambda: [(n, type(vars(FrozenList)[n]).__name__) for n in
                       ("append", "frozen", "__getitem__", "__class_getitem__", "__pyx_vtable__")])
show("generic", lambda: FrozenList[int])
show("signature", lambda: inspect.getdoc(FrozenList.append))

for cls in (FrozenList, PyFrozenList):
    show("cls", lambda: cls.__module__)
    show("empty", lambda: (cls(), cls([]), cls(None), len(cls()), bool(cls())))
    a = cls(iter([3, 1, 2]))
    show("repr", lambda: a)
    show("index", lambda: (a[0], a[-1], a[1:], a.index(1), a.count(2), 3 in a, 9 in a))
    show("iterate", lambda: (list(a), list(reversed(a)), [*a], tuple(a), sum(a), max(a)))

    def change():
        """Use every method that changes."""
        a.append(4)
        a.extend((5, 6))
        a.insert(0, 7)
        a[1] = 8
        a[2:3] = [9, 9]
        del a[-1]
        a.reverse()
        a.remove(9)
        popped = a.pop(), a.pop(0)
        b = a
        b += [10]
        return list(a), popped, b is a

    show("change", change)
    show("compare", lambda: (a == list(a), a != [], a < [99], a <= list(a), a > [], a >= [100]))
    show("compare int", lambda: a < 5)
    show("equal int", lambda: (a == 5, a != 5))
    show("same", lambda: cls([1]) == cls([1]))
    show("get out of range", lambda: a[100])
    show("get str", lambda: a["x"])
    show("delete out of range", lambda: a.__delitem__(100))
    show("pop out of range", lambda: a.pop(50))
    show("remove missing", lambda: a.remove(77))
    show("index missing", lambda: a.index(77))
    show("extend int", lambda: a.extend(5))
    show("iadd int", lambda: a.__iadd__(5))
    show("construct int", lambda: cls(5))
    show("hash unfrozen", lambda: hash(a))
    show("frozen before", lambda: a.frozen)
    show("set frozen", lambda: setattr(a, "frozen", True))
    show("set other", lambda: setattr(a, "other", True))
    show("freeze", lambda: (a.freeze(), a.frozen, a.freeze()))
    show("hash", lambda: hash(a) == hash(tuple(a)))
    show("hash unhashable", lambda: [f := cls([[]]), f.freeze(), hash(f)])
    for change_one in ("append(1)", "extend([1])", "insert(0, 1)", "remove(8)", "clear()", "pop()",
                       "reverse()", "__setitem__(0, 1)", "__delitem__(0)", "__iadd__([1])"):
        show("frozen " + change_one, eval, "a." + change_one, {"a": a})
    show("deepcopy", lambda: [c := copy.deepcopy(a), c == list(a), c is a, c.frozen])
    show("clear", lambda: [c := cls([1]), c.clear(), c])

show("no arguments", lambda: FrozenList([]).append())
show("too many", lambda: FrozenList([]).append(1, 2))
show("keyword", lambda: FrozenList([]).append(item=1))
show("wrong keyword", lambda: FrozenList([]).append(thing=1))
show("insert one", lambda: FrozenList([]).insert(1))
show("constructor keyword", lambda: FrozenList(items=[1]))
show("constructor two", lambda: FrozenList([1], [2]))
show("constructor bad keyword", lambda: FrozenList(values=[1]))
show("subclass", lambda: type("S", (FrozenList,), {"x": 5})([1]).x)


def pickled():
    """The C class refuses; what pickle's own frames look like depends on _pickle."""
    try:
        return pickle.dumps(FrozenList([1]))
    except TypeError as error:
        return str(error)


show("pickle", pickled)
show("reduce_cython", lambda: FrozenList([1]).__reduce_cython__())
show("weak reference", lambda: weakref.ref(FrozenList([1])))


class Failing:
    """Its iteration, comparison and hash raise."""

    def __iter__(self):
        yield 1
        raise LookupError("while iterating")

    def __eq__(self, other):
        raise ArithmeticError("while comparing")

    def __hash__(self):
        raise OSError("while hashing")

    def __deepcopy__(self, memo):
        raise EOFError("while copying")

    def __index__(self):
        raise BufferError("as index")


show("iteration fails", lambda: FrozenList(Failing()))
show("extend fails", lambda: FrozenList().extend(Failing()))
show("compare fails", lambda: Failing() in FrozenList([5]))
show("index fails", lambda: FrozenList([1, 2])[Failing()])
show("copy fails", lambda: copy.deepcopy(FrozenList([Failing()])))


def hash_failing():
    """Raise from inside tp_hash."""
    frozen = FrozenList([Failing()])
    frozen.freeze()
    return {frozen: 1}


show("hash fails", hash_failing)


def deep():
    """Raise with Python and Cython frames in turn, and one exception inside another."""
    try:
        FrozenList(FrozenList(Failing() for _ in range(2)).pop() for _ in range(2)).index(Failing())
    except ArithmeticError:
        frozen = FrozenList()
        frozen.freeze()
        frozen.append(1)


show("context", deep)


def lines():
    """Return function name, file and line of each entry of a traceback."""
    frozen = FrozenList()
    frozen.freeze()
    try:
        frozen.append(1)
    except RuntimeError as error:
        found = []
        tb = error.__traceback__
        while tb:
            code = tb.tb_frame.f_code
            found.append((code.co_name, code.co_filename.rpartition("/")[2], tb.tb_lineno,
                          tb.tb_frame.f_lineno, code.co_firstlineno, tb.tb_lasti,
                          tb.tb_frame.f_back is None, list(tb.tb_frame.f_locals),
                          "FrozenList" in tb.tb_frame.f_globals))
            tb = tb.tb_next
        return found[1:]


show("lines", lines)


def cycle():
    """A cycle through the C class is collected."""
    marker = type("Marker", (), {})()
    ref = weakref.ref(marker)
    loop = FrozenList([marker])
    loop.append(loop)
    text = repr(copy.deepcopy(FrozenList([1, [2]])))
    del loop, marker
    gc.collect()
    return ref() is None, text


show("cycle", cycle)
show("tracked", lambda: gc.is_tracked(FrozenList([])))


def circular():
    """A circular structure is copied once."""
    outer = FrozenList([1])
    outer.append(outer)
    new = copy.deepcopy(outer)
    return new is not outer, new[1] is new


show("circular copy", circular)
shared = FrozenList([])


def work(number):
    for i in range(500):
        shared.append((number, i))


threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
show("threads", lambda: (len(shared), sorted(shared) == [(n, i) for n in range(4)
                                                        for i in range(500)]))
events = []


def trace(frame, event, arg):
    events.append((frame.f_code.co_name, event))
    return trace


sys.settrace(trace)
len(FrozenList([1]))
sys.settrace(None)
show("traced", lambda: events)
show("version", lambda: frozenlist.__version__)
