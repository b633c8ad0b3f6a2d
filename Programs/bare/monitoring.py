# sys.monitoring.
import sys

m = sys.monitoring
E = m.events
out = []
m.use_tool_id(1, 'test')
names = {v: k for k, v in vars(E).items()}


def reg(ev):
    def cb(*a):
        r = []
        for x in a[0:]:
            if hasattr(x, 'co_name'):
                r.append(x.co_name)
            elif isinstance(x, BaseException):
                r.append(repr(x))
            elif x is m.MISSING:
                r.append('MISSING')
            elif isinstance(x, (int, str, float, type(None))):
                r.append(x)
            elif hasattr(x, '__name__'):
                r.append(x.__name__)
            else:
                r.append(type(x).__name__)
        out.append((names[ev], *r))

    m.register_callback(1, ev, cb)


for n, v in vars(E).items():
    if v:
        reg(v)


def f(a):
    x = 0
    for i in range(a):
        if i:
            x += g(i)
    try:
        raise ValueError(1)
    except ValueError:
        pass
    return x


def g(i):
    return len([i]) + h(i)


def h(i):
    return i


def gen():
    yield 1
    yield 2


def usegen():
    for x in gen():
        pass
    try:
        int('x')
    finally:
        pass


def t(evs, fn, *a):
    out.clear()
    m.set_events(1, evs)
    try:
        if a:
            fn(a[0])
        else:
            fn()
    except Exception:
        pass
    m.set_events(1, 0)
    print(fn.__name__, evs)
    for o in out:
        if o[1] != 't':
            print('  ', o)


for ev in (
    E.PY_START | E.PY_RETURN,
    E.LINE,
    E.CALL | E.C_RETURN | E.C_RAISE,
    E.JUMP | E.BRANCH,
    E.PY_YIELD | E.PY_RESUME | E.STOP_ITERATION,
    E.RAISE | E.EXCEPTION_HANDLED | E.PY_UNWIND | E.RERAISE | E.PY_THROW,
    E.INSTRUCTION,
):
    t(ev, f, 3)
    t(ev, usegen)
# disable
c = [0]


def line(code, ln):
    c[0] += 1
    return m.DISABLE


m.register_callback(1, E.LINE, line)
m.set_events(1, E.LINE)
f(5)
n1 = c[0]
f(5)
print(n1, c[0])
m.restart_events()
f(5)
print(c[0])
m.set_events(1, 0)
# local
c[0] = 0


def line2(code, ln):
    c[0] += 1


m.register_callback(1, E.LINE, line2)
m.set_local_events(1, h.__code__, E.LINE)
f(5)
print(c[0], m.get_local_events(1, h.__code__))
m.set_local_events(1, h.__code__, 0)
f(5)
print(c[0])


def bad(*a):
    raise KeyError('cb')


m.register_callback(1, E.PY_START, bad)
m.set_local_events(1, h.__code__, E.PY_START)
try:
    h(1)
except KeyError as e:
    print(repr(e))
m.set_local_events(1, h.__code__, 0)


def dis(*a):
    return m.DISABLE


m.register_callback(1, E.RAISE, dis)
m.set_events(1, E.RAISE)
try:
    f(1)
except ValueError as e:
    print(e)
m.free_tool_id(1)
