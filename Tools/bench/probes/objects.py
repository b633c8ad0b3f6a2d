"""Private memory of common objects: bytes each, in a list of many."""

COUNT = 100000


def private():
    """Return the private memory of this process in KiB."""
    with open("/proc/self/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private_"))


class Plain:
    """Three attributes."""

    def __init__(self, i):
        self.a = i
        self.b = None
        self.c = None


class Slots:
    """The same with slots."""

    __slots__ = ("a", "b", "c")

    def __init__(self, i):
        self.a = i
        self.b = None
        self.c = None


def make_function(i):
    """Return a closure."""
    return lambda: i


KINDS = {
    "int": lambda i: i + 1000000,
    "float": float,
    "str of 20": lambda i: f"{i:020}",
    "bytes of 20": lambda i: b"%020d" % i,
    "tuple of 2": lambda i: (i, None),
    "list of 4": lambda i: [i, None, None, None],
    "dict of 3": lambda i: {"a": i, "b": None, "c": None},
    "set of 3": lambda i: {i, None, "c"},
    "instance": Plain,
    "with slots": Slots,
    "closure": make_function,
}

keep = []
for name, make in KINDS.items():
    items = [None] * COUNT
    numbers = list(range(COUNT))
    before = private()
    for i in numbers:
        items[i] = make(i)
    print(f"object: {name}", (private() - before) * 1024 / COUNT, "B")
    keep.append((items, numbers))
