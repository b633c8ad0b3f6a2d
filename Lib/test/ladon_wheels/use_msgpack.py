"""msgpack in depth: Cython classes that pack and unpack, hooks, times by datetime's C API."""

import datetime
import gc
import io
import sys
import threading
from datetime import timedelta, timezone

import msgpack
from common import show, subclass_tree
from msgpack import ExtType, Packer, Timestamp, Unpacker, packb, unpackb

show("native code", lambda: (Packer.__module__, Unpacker.__module__))
show("version", lambda: msgpack.version)
show("names", lambda: [n for n in dir(Unpacker) if not n.startswith("_")])

VALUES = [None, True, False, 0, 1, -1, 127, 128, -32, -33, 255, 256, 65535, 65536, -32769, 2**32,
          2**63, 2**64 - 1, -2**63, 0.0, -1.5, 1e300, float("inf"), "", "a", "\xe9\u20ac\U0001f600",
          "x" * 31, "x" * 32, "x" * 70000, b"", b"abc", bytearray(b"q"), memoryview(b"view"),
          [], [1, [2, [3]]], (1, 2), {}, {"a": {"b": [1]}}, {1: 2}, list(range(20)),
          {str(i): i for i in range(20)}, ExtType(5, b"data"), ExtType(127, b"12345678")]
for value in VALUES:
    show("pack", lambda: (len(packb(value)), packb(value)[:40]))
    show("there and back", lambda: str(unpackb(packb(value), strict_map_key=False,
                                               timestamp=0))[:60])

# Times: exact to the nanosecond in Timestamp, to the microsecond in datetime.
UTC = timezone.utc
for moment in (datetime.datetime(1970, 1, 1, tzinfo=UTC),
               datetime.datetime(2020, 2, 29, 12, 34, 56, 789012, UTC),
               datetime.datetime(1901, 1, 1, tzinfo=timezone(timedelta(hours=5))),
               datetime.datetime(2600, 12, 31, 23, 59, 59, 999999, UTC),
               datetime.datetime(2020, 1, 1)):
    show("datetime", packb, moment, datetime=True)
    show("datetime, refused", packb, moment)
    for kind in range(4):
        show(f"timestamp {kind}", lambda: unpackb(packb(moment, datetime=True), timestamp=kind))
show("Timestamp", lambda: (Timestamp(1, 5), Timestamp.from_datetime(
    datetime.datetime(1969, 12, 31, tzinfo=UTC)), Timestamp(0, 5) == Timestamp(0, 5)))
show("far away", lambda: unpackb(packb(Timestamp(2**40, 0)), timestamp=3))

for wrong in (2**64, -2**63 - 1, object, {1, 2}, 1j, datetime.date(2020, 1, 1), "\ud800"):
    show("cannot pack", packb, wrong)
deep = []
for _ in range(600):
    deep = [deep]
show("too deep", packb, deep)
show("default", lambda: packb({1, 2}, default=sorted))
show("default fails", packb, 1j, default=lambda o: 1 // 0)
show("default does not help", packb, 1j, default=lambda o: o)
show("strict types", packb, (1, 2), strict_types=True)
show("single float", lambda: (packb(0.1, use_single_float=True), packb(0.1)))
show("raw", lambda: packb(b"abc", use_bin_type=False))

for data in (b"", b"\xc1", b"\x91", b"\xa5abc", b"\x01\x02", b"\x81\x01\x02", b"\xd9\x01\xff",
             b"\xc7\x05\x01abcde", b"\xdd\xff\xff\xff\xff", b"\x91" * 2000 + b"\x90"):
    show("cannot unpack", unpackb, data)
try:
    unpackb(b"\x91")
except ValueError as error:
    show("bases", subclass_tree, error)
show("limits", unpackb, packb("x" * 100), max_str_len=10)
show("hook", lambda: unpackb(packb({"a": 1}), object_hook=lambda d: sorted(d.items())))
show("pairs", lambda: unpackb(packb({"a": 1}), object_pairs_hook=list))
show("hook fails", unpackb, packb({"a": 1}), object_hook=lambda d: d["b"])
show("list hook", lambda: unpackb(packb([1, 2]), list_hook=tuple))
show("tuples", lambda: unpackb(packb([1, [2]]), use_list=False))
show("ext hook", lambda: unpackb(packb(ExtType(7, b"x")), ext_hook=lambda code, data: (code, data)))
show("errors", lambda: unpackb(b"\xa2a\xff", unicode_errors="replace"))
show("bytes for str", lambda: unpackb(packb("\xe9"), raw=True))


def stream():
    """Feed bytes one by one."""
    unpacker, found = Unpacker(), []
    for byte in packb([1, {"k": "v"}]) + packb("text") + packb(2.5):
        unpacker.feed(bytes([byte]))
        found += unpacker
    return found, unpacker.tell()


show("stream", stream)
show("file", lambda: list(Unpacker(io.BytesIO(packb(1) + packb([2])))))
unpacker = Unpacker()
unpacker.feed(packb([1, 2]) + packb({"a": 3}))
show("headers", lambda: (unpacker.read_array_header(), unpacker.unpack(), unpacker.skip(),
                         unpacker.read_map_header()))
show("rest", lambda: (unpacker.unpack(), unpacker.unpack()))
show("no more", unpacker.unpack)
show("buffer full", lambda: Unpacker(max_buffer_size=4).feed(b"12345"))

packer = Packer(autoreset=False)
packer.pack([1])
packer.pack_map_pairs([("a", 1)])
packer.pack_array_header(1)
packer.pack_ext_type(1, b"x")
show("without reset", lambda: (packer.bytes(), packer.reset(), packer.bytes()))


class MyPacker(Packer):
    """A subclass of the Cython class."""

    def pack(self, obj):
        return b"<" + super().pack(obj) + b">"


show("subclass", lambda: MyPacker().pack([1]))
expected, results = packb(VALUES[:-2]), []


def work():
    results.append(all(Packer().pack(VALUES[:-2]) == expected for _ in range(30)))


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
show("threads", lambda: results)
gc.collect()
before = sys.getrefcount(UTC)
for _ in range(100):
    unpackb(packb(datetime.datetime(2020, 1, 1, tzinfo=UTC), datetime=True), timestamp=3)
show("references", lambda: sys.getrefcount(UTC) - before)
