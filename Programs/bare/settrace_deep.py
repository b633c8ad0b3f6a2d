# sys.settrace switched on three frames deep, in code that ran a hundred times before: line events
# come in every caller that set f_trace, and in a half-run generator.
import sys

events = []


def tracer(frame, event, arg):
    code = frame.f_code
    if event == 'exception':
        arg = arg[0].__name__
    elif event == 'call' or event == 'line':
        arg = None
    events.append((code.co_name, event, frame.f_lineno - code.co_firstlineno, arg))
    return tracer


def show(title):
    print(title)
    for event in events:
        print('   ', *event)
    events.clear()


def switch(on, depth):
    if on:
        frame = sys._getframe()
        for i in range(depth):
            frame = frame.f_back
            frame.f_trace = tracer
        sys.settrace(tracer)
    return on


def inner(on, depth):
    a = 1
    b = switch(on, depth)
    c = a + 1
    for i in range(2):
        c += i
    return c


def middle(on, depth):
    x = [inner(on and i == 1, depth) for i in range(3)]
    y = sum(x)
    try:
        z = y // (1 if not on else 0)
    except ZeroDivisionError:
        z = -1
    return z


def outer(on, depth):
    p = 'before'
    q = middle(on, depth)
    p = 'after'
    while q > 5:
        q -= 2
    return p, q


def run(on, depth):
    try:
        return outer(on, depth)
    finally:
        sys.settrace(None)


for i in range(100):
    run(False, 0)
show('cold')
print(run(True, 3))
show('three callers')
print(run(True, 1))
show('one caller')
print(run(False, 0))
show('off again')


def gen(n):
    total = 0
    for i in range(n):
        got = yield i
        total += i
        if got:
            total += got
    return total


def drive(g):
    first = next(g)
    second = g.send(10)
    rest = list(g)
    return first, second, rest


for i in range(30):
    drive(gen(5))

half = gen(6)
next(half)
next(half)
half.gi_frame.f_trace = tracer
sys.settrace(tracer)
result = drive(half)
sys.settrace(None)
print(result)
show('half-run generator')


class Context:
    def __enter__(self):
        return self

    def __exit__(self, *args):
        return True


def delegating(g, on):
    with Context():
        value = yield from g
        switch(on, 1)
        yield value
        raise KeyError(value)
    yield 'end'


for i in range(30):
    list(delegating(gen(2), False))
print(list(delegating(gen(2), True)))
sys.settrace(None)
show('delegating generator')

# Tracing switched off by the tracer itself, deep down, then on again.
count = 0


def brief(frame, event, arg):
    global count
    count += 1
    if count == 4:
        sys.settrace(None)
    return tracer(frame, event, arg) and brief


sys.settrace(brief)
outer(False, 0)
sys.settrace(None)
show('brief')


# A frame that switches its line events off.
def lines_off():
    sys._getframe().f_trace_lines = False
    a = 1
    b = 2
    return a + b


sys.settrace(tracer)
lines_off()
sys.settrace(None)
show('lines off')
