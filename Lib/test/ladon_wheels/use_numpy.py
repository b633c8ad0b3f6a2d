"""numpy: arrays of all kinds, its scalars beside Python's, buffers, pickles, datetime's C API."""

import array
import copy
import datetime
import gc
import operator
import pickle
import sys
import threading
import weakref
from datetime import date, timedelta

import numpy as np
from common import show

np.set_printoptions(precision=6, suppress=True)
show("native code", lambda: type(np.add).__name__)
KINDS = "? b B h H i I l L q Q e f d F D S3 U3 O M8[us] m8[s] V4".split()
for kind in KINDS:
    show("dtype", lambda: (np.dtype(kind), np.dtype(kind).itemsize, np.dtype(kind).type.__mro__))
    show("zeros", lambda: np.zeros((2, 2), kind))
show("record", lambda: np.array([(1, 2.5, "x")], [("a", "i4"), ("b", "f8"), ("c", "U2")]))
show("wrong dtype", np.dtype, "no such")

a = np.arange(24).reshape(2, 3, 4)
show("index", lambda: (a[1, 2, 3], a[0, 1], a[..., ::2], a[:, None].shape, a[a > 20], a[[0, 1], 1]))
show("out of range", lambda: a[2])
show("wrong index", lambda: a["x"])
show("too many", lambda: a[0, 0, 0, 0])
show("shape", lambda: (a.T.shape, a.ravel().shape, a.transpose(1, 0, 2).strides,
                       a.flags["OWNDATA"]))
show("cannot broadcast", lambda: a + np.arange(5))
for name in "add subtract multiply floor_divide remainder power bitwise_and less equal".split():
    show(name, lambda: getattr(np, name)(np.arange(6), 3))
for function in (operator.add, operator.mul, operator.truediv, operator.mod, divmod, operator.lt):
    show(function.__name__, lambda: (function(np.int32(7), 2), function(7, np.float64(2.5)),
                                     function(np.uint8(200), np.int64(3))))
show("overflow", lambda: np.int8(5) + 1000)
with np.errstate(divide="raise"):
    show("floating point error", lambda: np.float64(1) / np.float64(0))
show("reduce", lambda: (a.sum(), a.mean(0), a.max(axis=(0, 2)), np.add.accumulate([1, 2, 3]),
                        np.add.outer([1, 2], [3, 4]), np.minimum.reduceat([5, 1, 3], [0, 1])))
show("matrix", lambda: (np.eye(3, dtype=int) @ a[0], np.einsum("ijk->k", a), np.linalg.det(
    np.array([[2.0, 1], [1, 1]])).round(6), np.linalg.solve([[2, 0], [0, 4]], [2, 4])))
show("singular", lambda: np.linalg.inv(np.zeros((2, 2))))
show("fft", lambda: np.fft.fft([1, 0, 0, 0]))
show("random", lambda: np.random.Generator(np.random.PCG64(5)).integers(0, 100, 8))
show("sort", lambda: (np.sort([3, 1, 2]), np.argsort(["b", "a"]), np.unique([1, 1, 2]),
                      np.searchsorted([1, 3], 2), np.lexsort(([1, 0], [0, 0]))))
show("where", lambda: (np.where(a % 2 == 0)[0][:3], np.nonzero([0, 1]), np.take([5, 6], [1, 1])))
show("strings", lambda: (np.char.upper(["ab", "\xe9"]), np.array(["a", "bcd"]) == "a",
                         np.strings.find(["abc"], "c")))
show("objects", lambda: (np.array([1, "x", None], object), np.array([2, 3], object) * 2))
show("vectorize", lambda: np.vectorize(lambda x, y: x * 10 + y)([1, 2], 3))
show("function fails", lambda: np.frompyfunc(lambda x: 1 // x, 1, 1)([1, 0]))
show("text", lambda: (np.array2string(np.array([1.5, 2])), str(np.float32(0.1)),
                      f"{np.int64(5):04}", repr(np.float64(2)), np.array(["2020"], "M8[Y]")))

# The C API of datetime.
moment = datetime.datetime(2020, 2, 29, 12, 34, 56, 789012)
show("to numpy", lambda: (np.datetime64(moment), np.datetime64(date(1, 1, 1)), np.timedelta64(
    timedelta(-1, 2, 3)), np.array([moment, date.max]), np.array([timedelta(5)])))
show("from numpy", lambda: [np.datetime64("2020-02-29T12:34:56.789012", unit).item() for unit in
                            ("Y", "M", "D", "h", "s", "ms", "us", "ns")])
show("spans", lambda: [np.timedelta64(100000, unit).item() for unit in ("D", "s", "us", "ns", "Y")])
show("far away", lambda: (np.datetime64("12345-01-01").item(), np.datetime64("NaT").item()))
show("arithmetic", lambda: (np.datetime64(moment) - moment, np.datetime64("2020-01-31") + 30,
                            np.busday_count("2020-01-01", "2020-02-01"),
                            moment < np.datetime64("2021-01-01T00:00")))
show("cannot compare", lambda: moment < np.datetime64("2021"))
show("with a zone", lambda: np.datetime64(moment.replace(tzinfo=datetime.timezone.utc), "s"))
show("lists", lambda: np.array(["2020-01-01", "2021-01-01"], "M8[D]").tolist())
show("wrong text", lambda: np.datetime64("2020-13-01"))

show("buffer", lambda: (memoryview(a).shape, memoryview(a).format, bytes(np.arange(3, dtype="u1")),
                        np.frombuffer(array.array("d", [1.5]), float),
                        np.asarray(memoryview(b"ab"))))
for protocol in (0, 2, 4):
    show("pickle", lambda: pickle.loads(pickle.dumps([a[0], np.float32(1.5), np.dtype("M8[D]"),
                                                      np.array([moment], object)], protocol)))
show("copy", lambda: (copy.deepcopy(a[0, 0]), copy.copy(np.int8(3))))


class Mine(np.ndarray):
    """A subclass that sees how it is made."""

    def __array_finalize__(self, source):
        self.source = type(source).__name__


class Other:
    """Takes part in ufuncs and functions in its own way."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return ufunc.__name__, method, len(inputs)

    def __array_function__(self, function, types, args, kwargs):
        return function.__name__


show("subclass", lambda: (np.arange(3).view(Mine).source, np.arange(3).view(Mine)[1:].source,
                          type(np.arange(3).view(Mine) + 1).__name__))
show("protocols", lambda: (np.arange(3) + Other(), np.add.reduce(Other()),
                           np.concatenate([Other()])))
show("iterators", lambda: ([x + y for x, y in np.broadcast([1, 2], [[1], [2]])],
                           [int(x) for x in np.nditer(a[0, :2])], list(np.ndindex(2, 1))))
show("scalars", lambda: (isinstance(np.float64(1), float), np.int64(3).__index__(), hash(
    np.float64(1.5)) == hash(1.5), {1: 2}[np.int64(1)], [1, 2, 3][np.int8(1)],
                         round(np.float64(2.5))))
reference = weakref.ref(array_of := np.arange(3))
del array_of
show("weak reference", lambda: reference())
results = []


def work():
    results.append(all(int((np.arange(1000) * i).sum()) == 499500 * i for i in range(50)))


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
show("threads", lambda: results)
cycle = np.empty(1, object)
cycle[0] = [cycle]
del cycle
show("collected", lambda: gc.collect() >= 0)
thing = object()
before = sys.getrefcount(thing)
for _ in range(50):
    np.array([thing] * 10)[::-1].copy().tolist()
show("references", lambda: sys.getrefcount(thing) - before)
