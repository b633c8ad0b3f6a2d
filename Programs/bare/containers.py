"""Random operations on dict, set, list, OrderedDict and instances, against simple models."""

import _collections


def numbers(seed):
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        yield seed >> 33


generator = numbers(42)


def below(n):
    return next(generator) % n


class Key:
    """A key with few different hashes and an == of its own."""

    def __init__(self, value):
        self.value = value

    def __hash__(self):
        return self.value % 7

    def __eq__(self, other):
        return isinstance(other, Key) and self.value == other.value

    def __repr__(self):
        return f"Key{self.value}"


def make_key(kind):
    if kind == 0:
        return f"k{below(60)}"
    if kind == 1:
        return below(100) * (1 << below(40))
    if kind == 2:
        return Key(below(50))
    if kind == 3:
        return (below(5), "a" * below(4))
    return make_key(below(4))


def find(model, key):
    for i, (have, value) in enumerate(model):
        if have == key:
            return i
    return None


def check_dict(kind):
    d, model = {}, []
    for step in range(3000):
        key, op = make_key(kind), below(10)
        i = find(model, key)
        if op < 5:
            d[key] = step
            if i is None:
                model.append((key, step))
            else:
                model[i] = (model[i][0], step)
        elif op < 7:
            expected = "none" if i is None else model.pop(i)[1]
            assert d.pop(key, "none") == expected
        elif op == 7:
            assert d.get(key) == (None if i is None else model[i][1])
        elif op == 8 and d:
            assert d.popitem() == model.pop()
        elif op == 9:
            copy = d.copy()
            assert list(copy.items()) == model and copy == d
            choice = below(20)
            if choice == 0:
                d.clear()
                model = []
            elif choice < 5:
                fresh = {}
                fresh.update(d)
                d = fresh
            elif choice < 9:
                assert list(reversed(d)) == [k for k, v in reversed(model)]
        assert len(d) == len(model)
    assert list(d.items()) == model
    assert list(d) == [k for k, v in model]
    assert list(d.values()) == [v for k, v in model]


def check_set(kind):
    s, model = set(), []
    for step in range(1500):
        key, op = make_key(kind), below(4)
        if op < 2:
            s.add(key)
            if key not in model:
                model.append(key)
        elif op == 2:
            s.discard(key)
            if key in model:
                model.remove(key)
        else:
            other = {make_key(kind) for _ in range(below(20))}
            assert (s | other) == {*model, *other}
            assert len(s & other) == sum(x in other for x in model)
            assert s - other == {x for x in model if x not in other}
            assert s ^ other == (s | other) - (s & other)
            assert (s <= other) == all(x in other for x in model)
            assert frozenset(s) == s and hash(frozenset(s)) == hash(frozenset(model))
        assert len(s) == len(model)
        assert sorted(map(repr, s)) == sorted(map(repr, model))
    while s:
        s.pop()


def merge_sort(pairs, before):
    if len(pairs) < 2:
        return pairs
    middle = len(pairs) // 2
    left, right = merge_sort(pairs[:middle], before), merge_sort(pairs[middle:], before)
    result, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        if before(right[j][0], left[i][0]):
            result.append(right[j])
            j += 1
        else:
            result.append(left[i])
            i += 1
    return result + left[i:] + right[j:]


def check_sort(items, key=None, reverse=False):
    expected = [(key(x) if key else x, i) for i, x in enumerate(items)]
    if reverse:
        expected = merge_sort(expected, lambda a, b: b < a)
    else:
        expected = merge_sort(expected, lambda a, b: a < b)
    result = list(items)
    result.sort(key=key, reverse=reverse)
    assert [id(x) for x in result] == [id(items[i]) for _, i in expected]


def runs(n):
    items = []
    while len(items) < n:
        start, length = below(1000), below(100) + 1
        items += range(start, start + length) if below(2) else range(start, start - length, -1)
    return items[:n]


def check_sorts():
    for n in [0, 1, 2, 3, 10, 31, 32, 33, 63, 64, 65, 100, 200, 500, 1000, 2000]:
        for items in (
            [below(1000) for _ in range(n)],
            [float(below(100)) for _ in range(n)],
            [f"x{below(300)}" for _ in range(n)],
            [f"\u20ac{below(300)}" for _ in range(n)],
            [(below(10), f"z{below(10)}") for _ in range(n)],
            [below(3) * (1 << 70) + below(4) for _ in range(n)],
            [below(9) if below(2) else float(below(9)) for _ in range(n)],
            runs(n),
        ):
            check_sort(items)
            check_sort(items, reverse=True)
            check_sort(items, key=lambda x: repr(x)[-1:])
        check_sort(runs(n), key=lambda x: -x, reverse=True)


def check_slices():
    for _ in range(3000):
        n = below(12)
        original = list(range(n))
        step = [1, 2, 3, -1, -2, -5][below(6)]
        chosen = slice(
            below(30) - 15 if below(5) else None, below(30) - 15 if below(5) else None, step
        )
        start, stop, _ = chosen.indices(n)
        indices = list(range(start, stop, step))
        items = list(original)
        assert items[chosen] == [original[i] for i in indices]
        assert tuple(items)[chosen] == tuple(original[i] for i in indices)
        del items[chosen]
        assert items == [x for i, x in enumerate(original) if i not in indices]
        items = list(original)
        if step == 1:
            value = list("abc"[: below(4)])
            items[chosen] = value
            stop = max(start, stop)
            assert items == original[:start] + value + original[stop:]
        else:
            items[chosen] = ["q"] * len(indices)
            assert all(items[i] == "q" for i in indices)


def check_ordered(kind):
    d, model = _collections.OrderedDict(), []
    for step in range(2000):
        key, op = make_key(kind), below(8)
        i = find(model, key)
        if op < 3:
            d[key] = step
            if i is None:
                model.append((key, step))
            else:
                model[i] = (model[i][0], step)
        elif op == 3:
            assert d.pop(key, None) == (None if i is None else model.pop(i)[1])
        elif op == 4 and i is not None:
            last = below(2)
            d.move_to_end(key, last)
            item = model.pop(i)
            model.insert(len(model) if last else 0, item)
        elif op == 5 and model:
            last = below(2)
            assert d.popitem(last) == (model.pop() if last else model.pop(0))
        elif op == 6 and i is not None:
            del d[key]
            model.pop(i)
        elif op == 7:
            assert list(d.items()) == model
            assert list(reversed(d)) == [k for k, v in model[::-1]]
            assert d.copy() == d and repr(d)
    assert list(d.items()) == model


class Instance:
    pass


def check_instances():
    for number in range(300):
        obj, model = Instance(), {}
        for _ in range(below(40)):
            name, op = f"a{below(45)}", below(5)
            if op < 3:
                setattr(obj, name, number)
                model[name] = number
            elif op == 3:
                if name in model:
                    delattr(obj, name)
                    del model[name]
                else:
                    try:
                        delattr(obj, name)
                    except AttributeError as exc:
                        assert str(exc) == f"'Instance' object has no attribute '{name}'"
                    else:
                        assert False
            else:
                assert getattr(obj, name, None) == model.get(name)
                choice = below(12)
                if choice == 0:
                    obj.__dict__ = {**obj.__dict__}
                elif choice < 3:
                    assert obj.__dict__ == model
                elif choice == 3:
                    obj.__dict__[name] = model[name] = "through the dict"
        assert vars(obj) == model and list(vars(obj)) == list(model)


def check_evil():
    """Keys whose comparison changes the dict under the lookup."""
    d = {}

    class Evil:
        def __hash__(self):
            return 1

        def __eq__(self, other):
            # The lookup starts again after each change: not for ever, please.
            nonlocal changes
            if changes:
                changes -= 1
                d.clear()
                d.update({i: i for i in range(100)})
            return False

    changes = 3
    d.update({Key(i): i for i in range(8)})
    assert d.get(Evil()) is None
    d.clear()
    d[8] = 1
    d[Evil()] = 2
    d[Evil()] = 3
    assert changes < 3  # how often depends on whether a new table lies where the old one was
    assert len(d) == 101

    items = [3, 2, 1]
    try:
        items.sort(key=lambda x: items.append(x) or x)
    except ValueError as exc:
        assert str(exc) == "list modified during sort"
    else:
        assert False
    assert items == [1, 2, 3] or sorted(items) == [1, 2, 3]


for kind in range(5):
    check_dict(kind)
print("dict")
for kind in range(5):
    check_set(kind)
print("set")
check_sorts()
print("sort")
check_slices()
print("slices")
for kind in range(5):
    check_ordered(kind)
print("OrderedDict")
check_instances()
print("instances")
check_evil()
print("changes under way")
