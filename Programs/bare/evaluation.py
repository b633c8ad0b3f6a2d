# Calls, names, unpacking, control flow, builtins.
def f(a, b=2, *args, c, d=4, **kw):
    return (a, b, args, c, d, kw)


print(f(1, c=3), f(1, 2, 3, 4, c=5, e=6))


def err(fn, *a, **k):
    try:
        fn(*a, **k)
    except BaseException as e:
        print(type(e).__name__, e)


err(f)
err(f, 1)
err(f, 1, 2, c=3, a=4)


def g(a, b, /, c):
    return a, b, c


err(g, 1)
err(g, 1, 2)
err(g, 1, 2, 3, 4)
err(g, a=1, b=2, c=3)
err(g, 1, 2, d=3)


def h():
    pass


err(h, 1)
err(h, x=1)


def k(a, b=1, *, q):
    pass


err(k)
err(k, 1, 2, 3, q=1)
err(k, 1, 2, 3)


class A:
    x = 1

    def __init__(self, v):
        self.v = v

    def m(self, y):
        return self.v + y

    @classmethod
    def cm(cls):
        return cls.__name__

    @staticmethod
    def sm(z):
        return z * 2

    def __getitem__(self, i):
        return i * 10

    def __repr__(self):
        return f"A({self.v!r})"


a = A(5)
print(a.m(3), A.cm(), a.cm(), A.sm(4), a[3], a, A.x, a.x)
for i in range(30):
    a.m(i)
    a[i]
    a.v
    A.x
    a.x
    A.sm(i)


class B(A):
    def __init__(self):
        super().__init__(9)

    def m(self, y):
        return super().m(y) * 2


b = B()
print(b.m(1), [b.m(i) for i in range(12)])


def gen(n):
    for i in range(n):
        r = yield i
        if r:
            print('got', r)
    return 'done'


g1 = gen(3)
print(next(g1), g1.send('hi'), list(g1))


def gg():
    r = yield from gen(2)
    print('r', r)
    yield 99


print(list(gg()))
try:
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise ValueError('x') from e
except ValueError as e:
    print(repr(e), repr(e.__cause__), e.__context__ is e.__cause__)


def fin():
    try:
        return 1
    finally:
        print('finally')


print(fin())


def fin2():
    for i in range(5):
        try:
            if i == 2:
                continue
            if i == 3:
                break
            print(i)
        finally:
            print('f', i)


fin2()


class CM:
    def __enter__(self):
        print('enter')
        return self

    def __exit__(self, *a):
        print('exit', a[0])
        return True


with CM() as c:
    raise KeyError(1)
with CM():
    pass
x = [1, 2, 3]
y, *z = x
print(y, z)
(p, q), r = (1, 2), 3
print(p, q, r)
err(lambda: (lambda: [1, 2, 3])().__getitem__(10))


def unp(s):
    a, b = s


err(unp, [1])
err(unp, [1, 2, 3])
err(unp, 5)
err(unp, (1, 2, 3))


def unpx(s):
    a, *b, c = s


err(unpx, [1])
print({**{'a': 1}, 'b': 2}, [*range(3), *'ab'], {*[1, 2]}, (*[1],))
print(f"{1+1:>5} {'x'!r} {3.5:.2f}")
match [1, 2, {'k': 3}]:
    case [1, a2, {'k': v}]:
        print('match', a2, v)


class P:
    __match_args__ = ('x', 'y')

    def __init__(self, x, y):
        self.x = x
        self.y = y


match P(1, 2):
    case P(1, y=3):
        print('no')
    case P(x, y):
        print('P', x, y)


def loc():
    print(undefined_thing)


err(loc)


def loc2():
    print(q1)
    q1 = 1


err(loc2)


def loc3():
    def inner():
        return zz

    inner()
    zz = 1


err(loc3)


def clo():
    n = 0

    def inc():
        nonlocal n
        n += 1
        return n

    return inc


i1 = clo()
print(i1(), i1(), i1())
print(
    [i * j for i in range(3) for j in range(3) if i != j],
    {k: v for k, v in zip('abc', range(3))},
    {i % 2 for i in range(4)},
    list(i for i in range(3)),
)
print(
    sum(range(100)),
    max(3, 1, 2),
    min([4, 2, 8], key=lambda v: -v),
    sorted([3, 1, 2], reverse=True),
    any([0, 1]),
    all([]),
    abs(-3),
    divmod(7, 2),
    pow(2, 10),
    pow(2, 10, 7),
    round(3.14159, 2),
    len('abc'),
    hex(255),
    oct(8),
    bin(5),
    chr(65),
    ord('a'),
    isinstance(1, (int, str)),
    issubclass(bool, int),
)
print(
    list(map(lambda a, b: a + b, [1, 2], [3, 4])),
    list(filter(None, [0, 1, 2])),
    list(zip([1, 2], [3, 4])),
)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(15))
err(lambda: 1 + 'a')
err(lambda: [] + ())
err(lambda: None.x)
err(lambda: {}['k'])
err(lambda: int('x'))
s = ''
for ch in 'hello':
    s += ch
print(s)


def rec(n):
    return rec(n + 1)


err(rec, 0)
try:
    raise ExceptionGroup('eg', [ValueError(1), TypeError(2)])
except* ValueError as eg:
    print('VE', eg.exceptions)
except* TypeError as eg:
    print('TE', eg.exceptions)
print(eval('1+2*3'), exec('w = 5'), w)
glob = {}
exec("def ff(x):\n  return x*2\nr = ff(21)", glob)
print(glob['r'])


async def co(x):
    return x + 1


async def main():
    r = 0
    for i in range(3):
        r += await co(i)
    return r


c = main()
try:
    c.send(None)
except StopIteration as e:
    print('coro', e.value)


async def agen():
    for i in range(3):
        yield i


async def use():
    return [i async for i in agen()]


c = use()
try:
    c.send(None)
except StopIteration as e:
    print('agen', e.value)
print(type(a).__mro__, callable(len), getattr(a, 'v'), hasattr(a, 'nope'), getattr(a, 'nope', 7))
del a.v
err(lambda: a.v)
import sys

print(sys.version_info[:2])
while True:
    break
else:
    print('no')
for _ in []:
    pass
else:
    print('else')
assert True
err(lambda: (_ for _ in ()).throw(ValueError('t')))
lst = [1, 2, 3, 4, 5]
print(lst[1:3], lst[::-1], lst[-1])
lst[1:3] = [9]
print(lst)
del lst[0]
print(lst)
d = {}
for i in range(20):
    d[i] = i * i
print(d[7], sum(d.values()))
print(1 < 2 < 3, 1 < 3 < 2, 'a' in 'abc', 3 not in [1], None is None, not 1)
print((lambda *a, **k: (a, k))(1, *[2, 3], x=4, **{'y': 5}))
err(lambda: h(**{1: 2}))
err(lambda: h(*5))
err(lambda: h(**5))
err(lambda: f(c=1, **{'c': 2}))
