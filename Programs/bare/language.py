def f(a, b=2, *c, **d):
    return a + b, c, d


print(f(1), f(1, 3, 4, x=5))


class A:
    def __init__(self, x):
        self.x = x

    def __repr__(self):
        return f"A({self.x!r})"

    @property
    def y(self):
        return self.x * 2


class B(A):
    def __init__(self, x):
        super().__init__(x)
        self.z = 1


print(B(3), B(3).y, [B(i).x for i in range(5)])
try:
    1 / 0
except ZeroDivisionError as e:
    print(repr(e), e.__traceback__.tb_lineno)


def g():
    x = yield 1
    print('got', x)
    yield from range(3)


it = g()
print(next(it), it.send('hi'), list(it))
print({**{'a': 1}, 'b': [1.5, 2**100, "é", b'x', 1j]})
match {'k': [1, 2, 3]}:
    case {'k': [a, *r]}:
        print(a, r)
print(
    sorted([3, 1, 2], key=lambda v: -v),
    max(1, 2),
    sum(range(10)),
    "%s %5.2f" % ("a", 3.14159),
    f"{3.0:>10.3f}|",
)


async def co():
    return 5


try:
    co().send(None)
except StopIteration as s:
    print(s.value)
import gc, sys, itertools, _collections

print(sys.version_info, sys.flags.bytes_warning, gc.collect())
try:
    raise ExceptionGroup("eg", [ValueError(1), TypeError(2)])
except* ValueError as eg:
    print('v', eg.exceptions)
except* TypeError as eg:
    print('t', eg.exceptions)


def rec(n):
    return rec(n + 1)


try:
    rec(0)
except RecursionError as e:
    print(e)
print(int("123456789" * 5) // 7, list(map(str, range(3))), isinstance(3, int | str), list[int])
x = 0
for i in range(200000):
    x += i * i % 7
print(x)
