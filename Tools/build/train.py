"""The training set of a profile-guided build: everyday work on the standard library.

Usage: ./python train.py

Apart from the programs of Tools/bench on purpose: those measure, they must not train.
"""

import ast
import collections
import copy
import dataclasses
import difflib
import enum
import fractions
import functools
import glob
import io
import itertools
import json
import os
import pickle
import pprint
import random
import re
import string
import sysconfig
import textwrap
import tokenize
import traceback


@dataclasses.dataclass(order=True)
class Item:
    name: str
    weight: int = 0
    tags: list = dataclasses.field(default_factory=list)

    @property
    def heavy(self):
        return self.weight > 50

    def merged(self, other, *, scale=1):
        weight = (self.weight + other.weight) * scale
        return Item(self.name + other.name, weight, self.tags + other.tags)


class Colour(enum.Enum):
    RED, GREEN, BLUE = range(3)


def sources():
    """Parse, compile, unparse and tokenize some of the library."""
    names = sorted(glob.glob(os.path.join(sysconfig.get_path("stdlib"), "*.py")))[::9]
    for name in names:
        with open(name, encoding="utf-8") as file:
            text = file.read()
        tree = ast.parse(text)
        compile(tree, name, "exec")
        compile(text, name, "exec")
        sum(1 for _ in ast.walk(tree))
        list(tokenize.generate_tokens(io.StringIO(text).readline))
        words = collections.Counter(re.findall(r"\w+", text))
        words.most_common(20)
        difflib.SequenceMatcher(None, text[:600], text[300:900]).ratio()
        for line in text.splitlines():
            line.strip().partition("#")[0].replace("\t", " ").split()


def objects():
    """Classes, attributes, sorting, copying, comparing."""
    rng = random.Random(7)
    items = [Item("".join(rng.choices(string.ascii_lowercase, k=5)), rng.randrange(100), [i])
             for i in range(3000)]
    for _ in range(4):
        items.sort()
        items.sort(key=lambda item: (item.weight, item.name))
        heavy = [item for item in items if item.heavy]
        total = functools.reduce(lambda a, b: a + b.weight, heavy, 0)
        groups = {key: list(group) for key, group in
                  itertools.groupby(items, key=lambda item: item.weight)}
        assert total and groups
        copy.deepcopy(items[:200])
        pickle.loads(pickle.dumps(items[:300]))
        repr(items[:300])
        [a.merged(b, scale=2) for a, b in zip(items, items[1:])]
        [Colour(i % 3).name for i in range(2000)]
        pprint.pformat([dataclasses.asdict(item) for item in items[:60]])


def texts():
    """Formatting, wrapping, JSON, regular expressions."""
    data = {"rows": [{"id": i, "name": f"row {i}", "value": i / 7, "ok": i % 3 == 0, "none": None}
                     for i in range(600)]}
    for _ in range(6):
        text = json.dumps(data, indent=1)
        assert json.loads(text) == data
        re.sub(r"(\d+)\.(\d{2})\d*", r"\1.\2", text)
        "\n".join(textwrap.wrap(text[:3000], 60)).upper().encode().decode("utf-8")
        "".join("{:>8}|{!r:<10}|{:.3f}".format(i, str(i), i / 3) for i in range(1500))
        "".join("%5d %-8s %x" % (i, i, i) for i in range(1500))


def numbers():
    """Arithmetic of all sizes, generators, exceptions."""
    def primes(limit):
        sieve = bytearray([1]) * limit
        for n in range(2, limit):
            if sieve[n]:
                yield n
                sieve[n * n::n] = bytes(len(range(n * n, limit, n)))

    def checked(value):
        try:
            if value % 3 == 0:
                raise ValueError(value)
            return value
        except ValueError as error:
            return len(error.args)
        finally:
            value = None

    sum(primes(60000))
    sum(checked(i) for i in range(60000))
    x = 0.0
    for i in range(120000):
        x = x * 0.5 + i / (i + 1.0)
    n, table = 1, {}
    for i in range(1, 600):
        n *= i
        table[i] = n
        str(n)
    sum(fractions.Fraction(1, i) for i in range(1, 200))
    grid = [[i * j & 255 for j in range(120)] for i in range(120)]
    [list(column) for column in zip(*grid)]
    for i in range(300):
        try:
            {}["missing"]
        except KeyError:
            traceback.format_exc()


if __name__ == "__main__":
    for _ in range(8):
        for work in sources, objects, texts, numbers:
            work()
