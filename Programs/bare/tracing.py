# sys.settrace, sys.setprofile, jumps.
import sys

out = []


def tracer(frame, event, arg):
    if event == 'exception':
        arg = arg[0].__name__
    out.append(
        (
            frame.f_code.co_name,
            event,
            frame.f_lineno - frame.f_code.co_firstlineno,
            arg if not callable(arg) else 'c',
        )
    )
    return tracer


def run(fn, *a):
    out.clear()
    sys.settrace(tracer)
    try:
        fn(*a)
    except Exception as e:
        pass
    finally:
        sys.settrace(None)
    print(fn.__name__)
    for o in out:
        print('   ', o)


def basic():
    x = 1
    y = 2
    return x + y


run(basic)


def loop():
    for i in range(3):
        x = i
    return x


run(loop)


def loop1():
    for i in range(3):
        x = i
    while x > 0:
        x -= 1


run(loop1)


def cond(a):
    if a:
        b = 1
    else:
        b = 2
    if a:
        b = 3
    return b


run(cond, 1)
run(cond, 0)


def exc():
    try:
        1 / 0
    except ZeroDivisionError:
        x = 1
    finally:
        y = 2


run(exc)


def exc2():
    def inner():
        raise ValueError(1)

    try:
        inner()
    except KeyError:
        pass


run(exc2)


def g():
    yield 1
    x = yield 2
    return 3


def usegen():
    for v in g():
        pass
    list(g())


run(usegen)


def one():
    return 1


run(one)
run(lambda: 5)


def comp():
    a = [i for i in range(2)]
    b = list(i for i in range(2))
    return a


run(comp)


def wth():
    class C:
        def __enter__(self):
            return 1

        def __exit__(self, *a):
            return True

    with C():
        raise KeyError
    x = 2


run(wth)


def multi(a, b=2):
    return a + b


run(multi, 1)


def prof(frame, event, arg):
    if event.startswith('c_'):
        arg = arg.__name__
    out.append((frame.f_code.co_name, event, arg))


def runp(fn, *a):
    out.clear()
    sys.setprofile(prof)
    try:
        fn(*a)
    except Exception:
        pass
    sys.setprofile(None)
    print(fn.__name__)
    for o in out:
        print('   ', o)


def p1():
    len([1])
    x = [3]
    x.append(4)
    basic()
    int('3')
    return 7


runp(p1)


def p2():
    try:
        int('x')
    except ValueError:
        pass
    [].pop()


runp(p2)
runp(usegen)


# trace set inside
def outer():
    def inner():
        sys.settrace(tracer)
        sys._getframe(1).f_trace = tracer
        sys._getframe().f_trace = tracer
        z = 1

    inner()
    q = 2
    for i in range(2):
        q += 1
    sys.settrace(None)


out.clear()
outer()
for o in out:
    print('   ', o)


# jumps
def jt(frm, to):
    def tr(frame, event, arg):
        if event == 'line' and frame.f_lineno == frame.f_code.co_firstlineno + frm and not done:
            done.append(1)
            try:
                frame.f_lineno = frame.f_code.co_firstlineno + to
            except ValueError as e:
                res.append(str(e))
        return tr

    done = []
    return tr


def j(fn, frm, to):
    res.clear()
    tr = jt(frm, to)

    def t0(frame, event, arg):
        if frame.f_code is fn.__code__:
            return tr(frame, event, arg)

    sys.settrace(t0)
    try:
        fn()
    except Exception as e:
        res.append(repr(e))
    finally:
        sys.settrace(None)
    print(res)


res = []


def ja(i=None):
    res.append(1)
    res.append(2)
    res.append(3)
    for i in 1, 2:
        res.append(i * 10)
    try:
        res.append(4)
    except:
        res.append(5)
    with CM():
        res.append(6)
    res.append(7)


class CM:
    def __enter__(self):
        res.append('en')

    def __exit__(self, *a):
        res.append('ex')


j(ja, 1, 3)
j(ja, 5, 12)
j(ja, 3, 5)
j(ja, 2, 9)
j(ja, 11, 12)
j(ja, 2, 11)
j(ja, 12, 1000)
j(ja, 12, -4)
j(ja, 7, 1)
