# Generators, coroutines, frames, class creation, matching, specialised forms, messages.
import sys


def err(fn, *a, **k):
    try:
        r = fn(*a, **k)
        print('ok', r)
    except BaseException as e:
        print(type(e).__name__, e)


def g():
    try:
        x = yield 1
        print('x', x)
        yield 2
    except ValueError as e:
        print('caught', e)
        yield 'v'
    finally:
        print('fin')


a = g()
err(a.send, 5)
print(next(a))
print(a.throw(ValueError('boo')))
err(next, a)
err(next, a)
a = g()
next(a)
a.close()
err(next, a)
print(a.gi_frame, a.gi_running, a.gi_suspended, a.gi_yieldfrom, a.gi_code.co_name)


def ig():
    try:
        yield 1
    except GeneratorExit:
        yield 2


a = ig()
next(a)
err(a.close)


def rr():
    yield 1
    next(me)


me = rr()
next(me)
err(next, me)


def st():
    raise StopIteration(3)
    yield


err(next, st())


def sub():
    try:
        while True:
            r = yield 's'
            print('sub got', r)
    except KeyError:
        return 'ret'


def dele():
    r = yield from sub()
    print('res', r)
    yield 'after'


d = dele()
print(next(d))
print(d.send(3))
print(d.gi_yieldfrom.__name__)
print(d.throw(KeyError))
err(d.throw, IndexError('ie'))


class It:
    def __iter__(self):
        return self

    def __next__(self):
        return 1

    def send(self, v):
        print('send', v)
        return v

    def throw(self, *a):
        print('throw', a[0].__name__ if isinstance(a[0], type) else a)
        raise StopIteration('tv')


def d2():
    r = yield from It()
    print('d2', r)
    yield 5


d = d2()
print(next(d), d.send(9))
print(d.throw(ValueError))


def yf5():
    yield from 5


err(list, yf5())


async def c1():
    return 1


async def c2():
    return await c1()


x = c2()
err(x.send, 1)
err(x.send, None)
err(x.send, None)
x = c2()
x.close()
err(x.send, None)


async def aw():
    await 5


err(aw().send, None)


class Aw:
    def __await__(self):
        r = yield 'w'
        return r


async def c3():
    return await Aw()


x = c3()
print(x.send(None))
print(x.cr_await.__name__, x.cr_running, x.cr_suspended)
err(x.send, 'val')
x = c3()
x.send(None)
err(x.throw, KeyError('k'))


async def awith():
    class C:
        async def __aenter__(self):
            print('ae')
            return 7

        async def __aexit__(self, *a):
            print('ax', a[0])
            return True

    async with C() as v:
        print(v)
        raise ValueError
    return 'done'


err(awith().send, None)


async def badwith():
    async with 5:
        pass


err(badwith().send, None)


def badw():
    with 5:
        pass


err(badw)


async def afor():
    class A:
        def __init__(s):
            s.n = 0

        def __aiter__(s):
            return s

        async def __anext__(s):
            s.n += 1
            if s.n > 3:
                raise StopAsyncIteration
            return s.n

    r = []
    async for i in A():
        r.append(i)
    else:
        r.append('else')
    return r


err(afor().send, None)


async def badfor():
    async for i in 5:
        pass


err(badfor().send, None)


async def ag():
    try:
        x = yield 1
        print('x', x)
        yield 2
    finally:
        print('ag fin')


async def useag():
    a = ag()
    print(await a.__anext__(), await a.asend(5))
    try:
        await a.athrow(ValueError('t'))
    except ValueError as e:
        print('VE', e)
    a = ag()
    await a.__anext__()
    await a.aclose()
    try:
        await a.__anext__()
    except StopAsyncIteration:
        print('SAI')
    return 'end'


err(useag().send, None)
a = ag()
s = a.asend(None)
err(s.send, None)
err(s.send, None)
err(a.aclose().send, None)


async def raiser():
    raise StopIteration


err(raiser().send, None)


async def araiser():
    raise StopAsyncIteration
    yield


err(araiser().__anext__().send, None)


def tb():
    def a():
        b()

    def b():
        1 / 0

    try:
        a()
    except ZeroDivisionError as e:
        t = e.__traceback__
        while t:
            print(
                t.tb_frame.f_code.co_name, t.tb_lineno - tb.__code__.co_firstlineno, t.tb_lasti > 0
            )
            t = t.tb_next
        f = e.__traceback__.tb_next.tb_next.tb_frame
        print(
            f.f_back.f_code.co_name,
            f.f_back.f_back.f_code.co_name,
            f.f_lineno - tb.__code__.co_firstlineno,
        )
        f.clear()


tb()


def locs(a, b=2):
    c = 3

    def inner():
        return c

    l = locals()
    return sorted(l)


print(locs(1))


def locs2():
    x = 1
    f = sys._getframe()
    print(
        f.f_locals["x"],
        f.f_code.co_name,
        f.f_lineno - f.f_code.co_firstlineno,
        f.f_back.f_code.co_name,
    )
    del x
    print(list(f.f_locals))
    [y for y in [1]]
    return [sorted(locals()) for z in [5]]


print(locs2())


class Meta(type):
    def __prepare__(n, b, **k):
        print('prep', n, k)
        return {}

    def __new__(m, n, b, d, **k):
        return super().__new__(m, n, b, d)

    def __init__(c, n, b, d, **k):
        pass


class MC(metaclass=Meta, q=1):
    y = 5

    def f(self):
        return __class__.__name__


print(MC().f(), MC.y)


class WithMro:
    def __mro_entries__(self, bases):
        return (MC,)


class D(WithMro(), q=3):
    pass


print(D.__bases__[0].__name__, D.__orig_bases__[0].__class__.__name__)


def ann(x: int, y: 'str' = 3) -> float:
    pass


print(ann.__annotations__, ann.__defaults__)
z: int = 5
print(__annotations__)


def kwd(*, a=1, b):
    return a, b


print(kwd(b=2), kwd.__kwdefaults__)
try:
    from sys import nonexist
except ImportError as e:
    print(e)
err(lambda: print(*5))
err(exec, "x: int = 5\nprint(__annotations__)")
err(exec, "del nope")
err(exec, "global qq\ndel qq")


def dels():
    del undefd


err(dels)


def dl():
    x = 1
    del x
    return x


err(dl)


def dd():
    x = 1

    def f():
        return x

    del x
    f()


err(dd)


def nest():
    try:
        try:
            raise KeyError(1)
        finally:
            raise ValueError(2)
    except ValueError as e:
        print(repr(e.__context__))


nest()


def rer():
    try:
        try:
            1 / 0
        except ZeroDivisionError:
            raise
    except ZeroDivisionError as e:
        print('re', e, e.__traceback__.tb_lineno - rer.__code__.co_firstlineno)


rer()
err(exec, "raise")
err(exec, "raise 5")
err(exec, "raise ValueError from 5")
err(exec, "try:\n 1/0\nexcept 5: pass")
err(exec, "try:\n raise ValueError\nexcept (KeyError, 5): pass")
err(exec, "try:\n 1/0\nexcept* ExceptionGroup: pass")


def egs():
    try:
        raise ExceptionGroup(
            'a', [ValueError(1), ExceptionGroup('b', [TypeError(2), KeyError(3)])]
        )
    except* (ValueError, TypeError) as e:
        print(repr(e))
    except* KeyError as e:
        print(repr(e))
        raise


err(egs)


def eg2():
    try:
        1 / 0
    except* ZeroDivisionError as e:
        print(repr(e))


eg2()


def mt(v):
    match v:
        case 0 | 1:
            return 'zero-one'
        case str() as s if len(s) > 3:
            return 'str ' + s
        case [a, *r]:
            return ('seq', a, r)
        case {'a': 1, **rest}:
            return ('map', rest)
        case int(x):
            return ('int', x)
        case None:
            return 'none'
        case _:
            return 'other'


print([mt(x) for x in (0, 'abcd', [1, 2, 3], {'a': 1, 'b': 2}, 7, None, 2.5, 'ab', ())])


class Pt:
    __match_args__ = 'xy'


err(exec, "match Pt():\n case Pt(1): pass")
Pt.__match_args__ = ('x',)
err(exec, "match Pt():\n case Pt(1, 2): pass")
err(exec, "match Pt():\n case Pt(1, x=2): pass")
err(exec, "match 1:\n case err(): pass")
print((lambda x=1, /, *y, z=2, **w: (x, y, z, w))(5, 6, z=7, q=8))


def big(*a):
    return len(a)


print(big(*range(100)), big(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
print(f"{'a':*^5}|{3!s:>3}|{[1,2]}|{1.5:{5}.{2}f}")
x = [1, 2, 3]
x += [4]
x *= 2
print(x)
x[0] += 10
print(x[0])
x[1:2] = [9, 9]
print(x)
t = (1, [2])
err(exec, "t[1] += [3]")
print(t)
i = 10
i -= 3
i //= 2
i **= 2
i %= 5
i <<= 2
i |= 1
i ^= 3
i &= 0xFF
i >>= 1
print(i)
print(not [], -5, ~5, +True)
err(lambda: -'a')
err(lambda: [] < 1)
err(lambda: 1 in 5)
five = 5
err(lambda: five[0])
err(lambda: five())


def setit():
    five[0] = 1


err(setit)


def delit():
    del [][0]


err(delit)


class Desc:
    def __get__(s, o, t):
        return 'get'

    def __set__(s, o, v):
        print('set', v)

    def __delete__(s, o):
        print('del')


class HasD:
    d = Desc()


h = HasD()
print(h.d)
h.d = 3
del h.d


class Ga:
    def __getattr__(s, n):
        return 'ga ' + n

    def __setattr__(s, n, v):
        print('sa', n)


q = Ga()
print(q.foo)
q.x = 1
for _ in range(20):
    q.foo


class Gb:
    def __getattribute__(s, n):
        return 'gb ' + n


for _ in range(20):
    r = Gb().zip
print(r)


class Pr:
    def __init__(s):
        s._v = 0

    @property
    def v(s):
        return s._v

    @v.setter
    def v(s, x):
        s._v = x


p = Pr()
for k in range(30):
    p.v = p.v + k
print(p.v)


class Sl:
    __slots__ = ('a', 'b')


s = Sl()
for k in range(20):
    s.a = k
    s.a
print(s.a)
err(lambda: s.b)


def deflt(a, b=10, c=20):
    return a + b + c


print([deflt(i) for i in range(15)][-1], [deflt(i, 1) for i in range(15)][-1])


class Bm:
    def m(self, x):
        return x


bm = Bm().m
print([bm(i) for i in range(15)][-1])
print(
    [str(i) for i in range(15)][-1],
    [type(i) for i in range(15)][-1],
    [tuple([i]) for i in range(15)][-1],
    [len([i]) for i in range(15)][-1],
    [isinstance(i, int) for i in range(15)][-1],
)


def fl():
    s = 0.0
    for i in range(50):
        s = s + 1.5 * i - 0.5
    return s


print(fl())


def un():
    for i in range(20):
        a, b = (i, i + 1)
        c, d, e = (1, 2, 3)
        [f, g2] = [1, 2]
    return a + b + e


print(un())
