"""Programs that are traced, profiled and monitored; each returns the list of what was seen.

test_ladon_tracing compares the lists with those of CPython 3.12 (tracing_expected.txt), which
`python3.12 tracing_programs.py` prints.
"""

import contextlib
import sys
import threading

M = sys.monitoring
E = M.events
PROGRAMS = {}


def program(func):
    PROGRAMS[func.__name__] = func
    return func


def place(frame):
    return f"{frame.f_code.co_name}:{frame.f_lineno - frame.f_code.co_firstlineno}"


def show(value):
    """An event's argument, without addresses."""
    if isinstance(value, tuple) and len(value) == 3 and isinstance(value[1], BaseException):
        return f"{value[0].__name__}({value[1]})"
    if isinstance(value, BaseException):
        return repr(value)
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if isinstance(value, (int, str, float, type(None), tuple, list, dict, bool)):
        return repr(value)
    return type(value).__name__


def mine(code):
    return code.co_filename == __file__ and code not in HIDDEN


def traced(func, *args, opcodes=False, lines=True, profile=False):
    """What a trace (or profile) function sees of func(*args)."""
    out = []

    def tracer(frame, event, arg):
        if not mine(frame.f_code):
            return None
        frame.f_trace_opcodes = opcodes
        frame.f_trace_lines = lines
        out.append(f"{event} {place(frame)} {show(arg)}")
        return tracer

    def profiler(frame, event, arg):
        if mine(frame.f_code):
            out.append(f"{event} {place(frame)} {show(arg)}")

    (sys.setprofile if profile else sys.settrace)(profiler if profile else tracer)
    try:
        result = func(*args)
        text = f"result {show(result)}"
    except BaseException as e:
        text = f"raised {e!r}"
    finally:
        sys.settrace(None)
        sys.setprofile(None)
    return out + [text]


LOCAL = ("PY_START PY_RESUME PY_RETURN PY_YIELD CALL LINE JUMP BRANCH STOP_ITERATION").split()
OTHER = "RAISE EXCEPTION_HANDLED PY_UNWIND PY_THROW RERAISE C_RETURN C_RAISE".split()


def line_of(code, offset):
    for start, end, line in code.co_lines():
        if start <= offset < end:
            return None if line is None else line - code.co_firstlineno
    return "?"


def listen(tool, events, out, answer=None):
    """Registers callbacks for the events (names), which write to `out`."""
    def callback(name):
        def call(code, *args):
            if not mine(code):
                return None
            if name == "LINE":
                text = str(args[0] - code.co_firstlineno)
            elif name in ("JUMP", "BRANCH"):
                text = f"{line_of(code, args[0])} -> {line_of(code, args[1])}"
            else:
                text = f"{line_of(code, args[0])} " + " ".join(
                    "MISSING" if a is M.MISSING else show(a) for a in args[1:])
            out.append(f"{name} {code.co_name} {text}".rstrip())
            return answer(name) if answer else None
        HIDDEN.add(call.__code__)
        return call
    bits = 0
    for name in events:
        M.register_callback(tool, getattr(E, name), callback(name))
        if name not in ("C_RETURN", "C_RAISE"):
            bits |= getattr(E, name)
    return bits


def silence(tool):
    M.set_events(tool, 0)
    for name in LOCAL + OTHER + ["INSTRUCTION"]:
        M.register_callback(tool, getattr(E, name), None)
    M.free_tool_id(tool)


def monitored(func, *args, events=tuple(LOCAL + OTHER), answer=None, times=1):
    """What a monitoring tool sees of func(*args)."""
    out = []
    M.use_tool_id(2, "test")
    bits = listen(2, events, out, answer)
    texts = []
    M.set_events(2, bits)
    try:
        for _ in range(times):
            try:
                texts.append(f"result {show(func(*args))}")
            except BaseException as e:
                texts.append(f"raised {e!r}")
    finally:
        M.set_events(2, 0)
        M.restart_events()
        silence(2)
    return out + texts


HIDDEN = {f.__code__ for f in (mine, show, place, traced, line_of, listen, silence, monitored)}


def all_views(func, *args):
    """func() under trace, opcode trace, profile and monitoring, cold and warm."""
    out = []
    for name, view in (("trace", traced), ("monitor", monitored),
                       ("profile", lambda f, *a: traced(f, *a, profile=True))):
        out.append(f"-- {name}")
        first = view(func, *args)
        out += first
        for _ in range(30):
            try:
                func(*args)
            except BaseException:
                pass
        again = view(func, *args)
        if again != first:
            out.append("-- warm")
            out += again
    return out


# ---- plain code ------------------------------------------------------------

def loops(n):
    total = 0
    for i in range(n):
        if i % 2:
            continue
        total += i
        while total > 3:
            total -= 3
            if total == 2: break
        else:
            total += 1
    x = total if n else None; y = x or 1
    return total and y


@program
def plain_loops():
    return all_views(loops, 5)


def conditions(a, b=None):
    if (a and
            b is not None and
            a > b):
        return 1
    elif not a or b is None: return 2
    assert a, "never"
    return [x
            for x in (1, 2)
            if x > 1]


@program
def plain_conditions():
    return (all_views(conditions, 0) + all_views(conditions, 1) + all_views(conditions, 3, 2)
            + all_views(conditions, 2, 3))


def comprehensions(n):
    a = [i * j for i in range(n) for j in range(i) if j]
    b = {i: str(i) for i in a}
    c = {len(v) for v in b.values()}
    g = (i + 1
         for i in c)
    return sum(g), sorted(map(lambda v: -v, a))


@program
def plain_comprehensions():
    return all_views(comprehensions, 4)


def class_bodies():
    def deco(c):
        return c

    class Base:
        attr = 1

        def __init_subclass__(cls, **kw):
            super().__init_subclass__()
            cls.seen = kw

        @property
        def prop(self):
            return self.attr

    @deco
    class Derived(Base, key=2):
        """Doc."""
        def __init__(self, x):
            super().__init__()
            self.x = x

        def __getattr__(self, name):
            return name

        def __eq__(self, other):
            return self.x == other.x
    d = Derived(5)
    return d.x, d.prop, d.other, d == Derived(5), Derived.seen


@program
def plain_classes():
    return all_views(class_bodies)


def matching(value):
    match value:
        case [1, *rest] if rest:
            return rest
        case {"k": v, **other}:
            return v
        case str() | bytes():
            return "text"
        case complex(real=r):
            return r
        case _:
            pass
    return None


@program
def plain_match():
    out = []
    for v in ([1, 2], [1], {"k": 3}, "s", 2j, 7):
        out += all_views(matching, v)
    return out


# ---- exceptions ------------------------------------------------------------

def finally_paths(kind):
    for i in range(3):
        try:
            if kind == 0:
                continue
            if kind == 1:
                break
            if kind == 2:
                return i
            if kind == 3:
                raise KeyError(i)
            [][1]
        except KeyError as e:
            kind = 4
        finally:
            i = -1
    else:
        i = 9
    return i


@program
def exceptions_finally():
    out = []
    for kind in range(5):
        out += all_views(finally_paths, kind)
    return out


class Manager:
    def __init__(self, swallow):
        self.swallow = swallow

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return self.swallow


def with_paths(swallow, fail):
    with Manager(swallow) as a, \
            Manager(False) as b:
        if fail:
            raise ValueError(fail)
        x = 1
    return a


@program
def exceptions_with():
    out = []
    for swallow in (False, True):
        for fail in (0, 1):
            out += all_views(with_paths, swallow, fail)
    return out


def groups(n):
    try:
        try:
            raise ExceptionGroup("g", [ValueError(1), KeyError(2), TypeError(3)][:n])
        except* ValueError as e:
            a = 1
        except* (KeyError, OSError):
            raise OSError(5)
        else:
            a = 2
    except ExceptionGroup as e:
        return len(e.exceptions)
    return a


@program
def exceptions_groups():
    return all_views(groups, 1) + all_views(groups, 2) + all_views(groups, 3)


def chained(depth):
    try:
        if depth:
            chained(depth - 1)
        else:
            int("x")
    except ValueError as e:
        raise RuntimeError(depth) from e
    except RuntimeError:
        if depth == 2:
            return depth
        raise


@program
def exceptions_chained():
    return all_views(chained, 3) + all_views(chained, 1)


def in_callers(f):
    def inner():
        return f()

    def key(x):
        return inner()
    return sorted([1, 2], key=key)


@program
def exceptions_through_c():
    return all_views(in_callers, lambda: 1 / 0) + all_views(in_callers, lambda: 2)


# ---- generators ------------------------------------------------------------

def numbers(n):
    for i in range(n):
        got = yield i
        if got:
            yield got
    return "end"


def delegating(n):
    first = yield from numbers(n)
    second = yield from iter([7])
    return first, second


def use_generators():
    out = [list(numbers(2)), list(delegating(1))]
    g = delegating(2)
    out += [next(g), g.send("sent"), next(g)]
    try:
        g.throw(KeyError("thrown"))
    except KeyError:
        out.append("caught")
    g = numbers(3)
    next(g)
    g.close()
    try:
        next(g)
    except StopIteration as e:
        out.append(e.value)
    for x in delegating(1):
        out.append(x)
    a, b = numbers(2)
    return out


@program
def generators_plain():
    return all_views(use_generators)


def closing():
    try:
        yield 1
    finally:
        yield_in = 0
    try:
        yield 2
    except GeneratorExit:
        return 3


def use_closing():
    a = closing()
    next(a)
    a.close()
    b = closing()
    next(b), next(b)
    b.close()
    c = closing()
    next(c)
    del c
    return 1


@program
def generators_closing():
    return all_views(use_closing)


def throwing():
    while True:
        try:
            yield 1
        except ValueError:
            yield 2


def use_throwing():
    g = throwing()
    out = [next(g), g.throw(ValueError), next(g)]
    try:
        g.throw(KeyError)
    except KeyError:
        out.append(3)

    def outer():
        yield from throwing()
    h = outer()
    out += [next(h), h.throw(ValueError)]
    h.close()
    return out


@program
def generators_throwing():
    return all_views(use_throwing)


# ---- coroutines ------------------------------------------------------------

class Awaitable:
    def __await__(self):
        got = yield "pause"
        return got


async def leaf(x):
    y = await Awaitable()
    return x, y


async def agen(n):
    for i in range(n):
        yield i
        await Awaitable()


class AsyncManager:
    async def __aenter__(self):
        return await leaf(0)

    async def __aexit__(self, *args):
        await Awaitable()
        return True


async def coroutine():
    a = await leaf(1)
    async for i in agen(2):
        a += (i,)
    b = [i async for i in agen(1) if i >= 0]
    async with AsyncManager() as m:
        raise ValueError("in with")
    return len(a), b, m


def drive(factory):
    c = factory()
    value = None
    while True:
        try:
            c.send(value)
        except StopIteration as e:
            return e.value
        value = 1


@program
def coroutines_plain():
    return all_views(drive, coroutine)


async def agen_methods():
    out = []
    g = agen(3)
    out.append(await g.__anext__())
    out.append(await g.asend(4))
    try:
        await g.athrow(KeyError("k"))
    except KeyError:
        out.append("k")
    h = agen(1)
    out.append(await anext(h))
    await h.aclose()
    out.append(await anext(h, "default"))
    return out


@program
def coroutines_agen():
    return all_views(drive, agen_methods)


# ---- super, calls ----------------------------------------------------------

class A:
    attr = 5

    def method(self, x):
        return x

    @classmethod
    def cm(cls):
        return cls


class B(A):
    def method(self, x):
        return super().method(x + 1)

    def explicit(self):
        return super(B, self).method(1) + super().attr

    @classmethod
    def cm(cls):
        return super().cm

    def missing(self):
        return super().nothing

    def shadowed(self):
        super = lambda: self
        return super().method


def use_super():
    b = B()
    out = [b.method(1), b.explicit(), B.cm() is not None, b.shadowed() is not None]
    try:
        b.missing()
    except AttributeError as e:
        out.append("missing")
    return out


@program
def calls_super():
    return all_views(use_super)


def target(*args, **kwargs):
    return len(args) + len(kwargs)


def star_calls():
    a = [1, 2]
    k = {"z": 1}
    out = [target(1, k=2), max(*a), max(*a, **{"key": abs}), str.upper("x"), dict(*[k]),
           "x".upper(), "{}".format(*a), [].append(1), sorted(a, key=lambda x: -x),
           list(map(target, a)), int("7"), isinstance(a, list)]
    try:
        int(*["x"])
    except ValueError:
        out.append("v")
    try:
        target(1)(2)
    except TypeError:
        out.append("t")
    try:
        len()
    except TypeError:
        out.append("t")
    return out


@program
def calls_star():
    return all_views(star_calls)


class Callable:
    def __call__(self, x):
        return x

    def __getitem__(self, i):
        if i > 2:
            raise IndexError
        return i

    def __add__(self, other):
        return 1

    def __bool__(self):
        return False

    def __contains__(self, x):
        return True

    def __len__(self):
        return 3

    @staticmethod
    def sm(x):
        return x

    @property
    def p(self):
        return self.q

    def __getattr__(self, name):
        raise AttributeError(name)

    def __del__(self):
        self.gone = 1


def special_methods():
    c = Callable()
    out = [c(1), c[1], list(c), c + 1, bool(c), 5 in c, len(c), c.sm(2), Callable.__len__(c),
           hasattr(c, "p")]
    f = c.__getitem__
    out.append(f(0))
    for x in c:
        if x: break
    if c: out.append(1)
    del c, f
    return out


@program
def calls_special():
    return all_views(special_methods)


# ---- per-frame switches ----------------------------------------------------

def opcode_target(x):
    y = x + 1
    return y


@program
def trace_opcodes():
    traced(opcode_target, 1, opcodes=True)      # 3.12 begins with the next settrace()
    return traced(opcode_target, 1, opcodes=True) + traced(
        opcode_target, 1, opcodes=True, lines=False) + traced(opcode_target, 1, lines=False)


@program
def trace_return_values():
    """A local trace function replaced, set to None, deleted, raising."""
    out = []

    def first(frame, event, arg):
        out.append(f"first {event} {place(frame)}")
        return second

    def second(frame, event, arg):
        out.append(f"second {event} {place(frame)}")
        return None if frame.f_lineno - frame.f_code.co_firstlineno == 2 else first

    def raising(frame, event, arg):
        out.append(f"raising {event} {place(frame)}")
        if event == "line":
            raise ValueError("tracer")
        return raising

    def deleting(frame, event, arg):
        out.append(f"deleting {event} {place(frame)}")
        if event == "line":
            del frame.f_trace
        return deleting

    for tracer in (first, raising, deleting):
        sys.settrace(tracer)
        try:
            loops(2)
        except ValueError as e:
            out.append(repr(e))
        out.append(f"now {sys.gettrace() and sys.gettrace().__name__}")
        sys.settrace(None)
    return out


@program
def profile_raising():
    out = []

    def profiler(frame, event, arg):
        out.append(f"{event} {place(frame)} {show(arg)}")
        if event == "c_call" and show(arg) == "len":
            raise ValueError("profiler")

    def work():
        a = abs(1)
        return len("x")
    sys.setprofile(profiler)
    try:
        work()
    except ValueError as e:
        out.append(repr(e))
    out.append(repr(sys.getprofile()))
    sys.setprofile(None)
    return out


def deep(n, action):
    if n == 0:
        action()
        return 0
    x = deep(n - 1, action)
    y = x + 1
    return y


def deep_c(n, action):
    if n == 0:
        action()
        return [0]
    x = sorted([n], key=lambda v: deep_c(n - 1, action))
    y = [e + 1 for e in x]
    return y


def gen_deep(n, action):
    yield n
    if n == 0:
        action()
    else:
        yield from gen_deep(n - 1, action)
    yield -n


def drain(n, action):
    out = []
    for x in gen_deep(n, action):
        out.append(x)
    return out


@program
def switched_on_deep():
    """Tracing that begins below Python frames, C functions and generators."""
    out = []
    for warm in (0, 30):
        for func in (deep, deep_c, drain):
            for _ in range(warm):
                func(2, lambda: None)
            for install in ("trace", "profile", "monitor"):
                seen = []

                def tracer(frame, event, arg):
                    if mine(frame.f_code):
                        seen.append(f"{event} {place(frame)} {show(arg)}")
                    return tracer

                def action():
                    if install == "trace":
                        frame = sys._getframe()
                        while frame:
                            if mine(frame.f_code):
                                frame.f_trace = tracer
                            frame = frame.f_back
                        sys.settrace(tracer)
                    elif install == "profile":
                        sys.setprofile(tracer)
                    else:
                        M.use_tool_id(2, "test")
                        M.set_events(2, listen(2, LOCAL + OTHER, seen))
                HIDDEN.update((tracer.__code__, action.__code__))
                frame = sys._getframe()
                HIDDEN.add(frame.f_code)
                result = func(3, action)
                sys.settrace(None)
                sys.setprofile(None)
                if install == "monitor":
                    silence(2)
                out.append(f"-- {func.__name__} {install} {warm} {result}")
                out += seen
    return out


class Protocols:
    """An object whose every special method calls `action`."""

    def __init__(self, action):
        self.__dict__["action"] = action

    def run(self, *args):
        self.action()
        return self

    __add__ = __radd__ = __neg__ = __getitem__ = __setitem__ = __delitem__ = run
    __enter__ = __exit__ = __call__ = run

    def __eq__(self, other):
        self.action()
        return True

    __contains__ = __lt__ = __eq__

    def __bool__(self):
        self.action()
        return False

    def __getattr__(self, name):
        self.action()
        return 1

    def __setattr__(self, name, value):
        self.action()

    __delattr__ = __getattr__

    def __format__(self, spec):
        self.action()
        return "f"

    def __iter__(self):
        self.action()
        return iter(())

    def __hash__(self):
        self.action()
        return 1

    def keys(self):
        self.action()
        return ()

    def __len__(self):
        self.action()
        return 2

    @classmethod
    def __class_getitem__(cls, action):
        action()


class Exits(Protocols):
    """Quiet where a `with` begins."""

    def __enter__(self):
        return self


class Exhausted:
    """An iterator that calls `action` in __next__, then ends."""

    def __init__(self, action):
        self.action = action

    def __iter__(self):
        return self

    def __next__(self):
        self.action()
        raise StopIteration


class Pair:
    def __init__(self, action):
        self.action = action

    def __iter__(self):
        self.action()
        return iter((1, 2))


def raise_in_c(action):
    sorted([1], key=lambda x: (action(), int("x")))


# Statements for the body of a function with p = Protocols(action), e = Exits(action) and
# n = Exhausted(action).
STATEMENTS = """
p + 1; -p; p[1]; p[1:2]; p == 1; p < 1; 1 in p; p.attr; p.attr = 1; del p.attr; p[0] = 1
del p[0]; p[1:2] = 3; del p[1:2]; f'{p}'; [*p]; {*p}; {p}; {p: 1}; {**p}; (*p,); not p
1 if p else 2; p and 1; p or 1; x, = p or (1,); p(); max(*p, 1, 2); Protocols[action]
with p: pass; with e: pass; for x in n: pass; [x for x in n]; x, *y = Pair(action)
a, b = Pair(action); class C(metaclass=p): pass; assert p or 1; p += 1; p.x += 1; p[1] += 1
f'{p!r:>{p}}'; print(end='', *p); {x: y for x, y in n}; list(x for x in n)
""".strip().replace("\n", "; ").split("; ") + [
    "@p\n    def q(): pass",
    "try: 1 + Protocols(action).x.y\n    except AttributeError: pass",
    "try: raise_in_c(action)\n    except ValueError: pass",
    "match p:\n        case [1, 2]: pass",
    "match p:\n        case Protocols(attr=2): pass",
]


def protocol_events(statement):
    """What a tracer sees that is set in the first special method that the statement calls."""
    text = ("def f(action):\n"
            "    p = Protocols(action); e = Exits(action); n = Exhausted(action)\n"
            f"    {statement}\n    y = 2\n    return y\n")
    namespace = dict(globals())
    exec(compile(text, "<protocol>", "exec"), namespace)
    seen = []

    def tracer(frame, event, arg):
        if frame.f_code.co_filename == "<protocol>":
            seen.append(f"{event} {frame.f_lineno}")
        return tracer

    def action():
        if sys.gettrace() is None:
            frame = sys._getframe()
            while frame:
                if frame.f_code.co_filename == "<protocol>":
                    frame.f_trace = tracer
                frame = frame.f_back
            sys.settrace(tracer)
    try:
        result = namespace["f"](action)
    except Exception as e:
        result = repr(e)
    sys.settrace(None)
    return f"{statement!r} {result}: {', '.join(seen)}"


@program
def switched_on_in_protocols():
    """Tracing that begins in a special method: the caller's next line is the first event."""
    return [protocol_events(statement) for statement in STATEMENTS]


@program
def switched_on_while_suspended():
    """Generators that were suspended before tracing began, then resumed or thrown into."""
    out = []
    for warm in (0, 30):
        for how in ("next", "throw", "close"):
            for view in (traced, monitored, lambda f: traced(f, profile=True)):
                source = ("def gen():\n    try:\n        yield 1\n"
                          "    except ValueError:\n        x = 1\n"
                          "    finally:\n        z = 0\n    yield 2\n")
                namespace = {}
                exec(compile(source, __file__, "exec"), namespace)
                for _ in range(warm):
                    list(namespace["gen"]())
                g = namespace["gen"]()
                next(g)
                call = {"next": g.__next__, "close": g.close,
                        "throw": lambda: g.throw(ValueError("v"))}[how]
                out.append(f"-- {warm} {how}")
                out += view(call)
    return out


@program
def switched_off_deep():
    out = []

    def tracer(frame, event, arg):
        out.append(f"{event} {place(frame)} {show(arg)}")
        return tracer

    def off():
        sys.settrace(None)
        sys.setprofile(None)
    for func in (deep, deep_c, drain):
        sys.settrace(tracer)
        func(2, off)
        sys.setprofile(tracer)
        func(2, off)
    return out


# ---- monitoring in particular ---------------------------------------------

@program
def monitor_disable():
    answers = {
        "line": lambda name: M.DISABLE if name == "LINE" else None,
        "local": lambda name: M.DISABLE if name in LOCAL else None,
        "call": lambda name: M.DISABLE if name in ("C_RETURN", "C_RAISE") else None,
    }
    out = []
    for key, answer in answers.items():
        out.append(f"-- {key}")
        out += monitored(loops, 4, answer=answer, times=3)
        out += monitored(star_calls, answer=answer, times=2)
        out += monitored(use_generators, answer=answer, times=2)
    return out


@program
def monitor_disable_other():
    """DISABLE for an event that has no place."""
    out = []
    for event in ("RAISE", "PY_UNWIND", "PY_THROW", "RERAISE"):
        out.append(f"-- {event}")
        out += monitored(finally_paths, 3, events=[event], answer=lambda name: M.DISABLE, times=2)
        out += monitored(use_throwing, events=[event], answer=lambda name: M.DISABLE, times=2)
    return out


@program
def monitor_restart():
    out = []
    M.use_tool_id(2, "test")
    M.set_events(2, listen(2, ["LINE", "PY_START"], out, lambda name: M.DISABLE))
    loops(2)
    out.append("restart")
    M.restart_events()
    loops(2)
    out.append("again")
    loops(2)
    M.set_events(2, 0)
    M.set_events(2, E.LINE)
    out.append("set anew")
    loops(2)
    silence(2)
    return out


@program
def monitor_local_events():
    out = []
    M.use_tool_id(2, "test")
    listen(2, LOCAL, out)
    M.set_local_events(2, loops.__code__, E.LINE | E.JUMP)
    loops(2), conditions(1)
    M.set_events(2, E.PY_START)
    M.set_local_events(2, conditions.__code__, E.BRANCH)
    loops(1), conditions(1)
    out.append(f"{M.get_local_events(2, loops.__code__)} {M.get_events(2)}")
    M.set_local_events(2, loops.__code__, 0)
    M.set_events(2, 0)
    loops(1), conditions(1)
    M.set_local_events(2, conditions.__code__, 0)
    silence(2)
    return out


@program
def monitor_several_tools():
    out = []
    seen = {t: [] for t in (0, 2, 5)}

    def add(code, line):
        if mine(code):
            out.append(f"add {line - code.co_firstlineno}")
            if len(out) == 3:
                M.set_events(2, listen(2, ["LINE", "CALL", "PY_RETURN"], seen[2]))
            if len(out) == 6:
                M.set_events(5, listen(5, ["BRANCH", "JUMP", "LINE"], seen[5]))
            if len(out) == 9:
                M.set_events(2, 0)
            if len(out) == 12:
                return M.DISABLE
    HIDDEN.add(add.__code__)
    for t in seen:
        M.use_tool_id(t, "test")
    M.register_callback(0, E.LINE, add)
    M.set_events(0, E.LINE)
    loops(5)
    M.set_events(0, 0)
    for t in seen:
        silence(t)
    for t, lines in seen.items():
        out.append(f"-- {t}")
        out += lines
    return out


@program
def monitor_raising():
    """Callbacks that raise, for each event (3.12.1 does not come back from EXCEPTION_HANDLED)."""
    out = []
    for event in LOCAL + OTHER:
        if event == "EXCEPTION_HANDLED":
            continue

        def answer(name):
            if name == event:
                raise LookupError(name)
        HIDDEN.add(answer.__code__)
        names = sorted({event, "CALL"}) if event.startswith("C_") else [event]
        out.append(f"-- {event}")
        for func in (lambda: loops(2), lambda: finally_paths(3), use_throwing,
                     lambda: drive(leaf_one)):
            out += monitored(func, events=names, answer=answer)
    return out


async def leaf_one():
    return await leaf(1)


@program
def monitor_instructions():
    import dis
    out = []

    def instruction(code, offset):
        if mine(code):
            name = {i.offset: i.opname for i in dis.get_instructions(code)}[offset]
            out.append(f"{code.co_name} {name}")
    HIDDEN.add(instruction.__code__)
    M.use_tool_id(2, "test")
    M.register_callback(2, E.INSTRUCTION, instruction)
    M.set_events(2, E.INSTRUCTION)
    opcode_target(1)
    list(numbers(1))
    conditions(1)
    M.set_events(2, 0)
    silence(2)
    return out


# ---- threads ---------------------------------------------------------------

@program
def threads_settrace():
    out = []

    def tracer(frame, event, arg):
        if mine(frame.f_code):
            out.append(f"{threading.current_thread().name} {event} {place(frame)}")
        return tracer
    HIDDEN.add(tracer.__code__)

    def run(name):
        t = threading.Thread(target=opcode_target, args=(1,), name=name)
        t.start()
        t.join()
    HIDDEN.add(run.__code__)
    sys.settrace(tracer)
    run("only main")
    sys.settrace(None)
    threading.settrace(tracer)
    run("thread")
    threading.settrace(None)
    ready, go = threading.Event(), threading.Event()

    def waiting():
        a = 1
        ready.set()
        go.wait()
        b = 2
        opcode_target(b)
    t = threading.Thread(target=waiting, name="waiting")
    t.start()
    ready.wait()
    threading.settrace_all_threads(tracer)
    HIDDEN.add(sys._getframe().f_code)
    go.set()
    t.join()
    threading.settrace_all_threads(None)
    sys.settrace(None)
    return out


# ---- jumps -----------------------------------------------------------------

def jump_loop(n):
    out = []
    for i in range(n):
        out.append(i)
        out.append(-i)
    out.append("end")
    return out


def jump_try():
    out = []
    try:
        out.append(1)
        out.append(2)
    except ValueError:
        out.append(3)
    finally:
        out.append(4)
    with contextlib.nullcontext():
        out.append(5)
    out.append(6)
    return out


def jump_gen():
    x = yield 1
    y = yield 2
    yield 3


@program
def jumps():
    """Every jump from each line to each line."""
    import warnings
    out = []
    for func, lines, args in ((jump_loop, 7, (2,)), (jump_try, 13, ())):
        for start in range(1, lines):
            for end in range(0, lines + 2):
                log = []
                done = False

                def tracer(frame, event, arg):
                    nonlocal done
                    if frame.f_code is not func.__code__:
                        return None
                    first = frame.f_code.co_firstlineno
                    if event == "line" and frame.f_lineno == first + start and not done:
                        done = True
                        try:
                            frame.f_lineno = first + end
                        except ValueError as e:
                            log.append(str(e).replace(str(first + end), "N"))
                    return tracer
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    sys.settrace(tracer)
                    try:
                        result = func(*args)
                    except BaseException as e:
                        result = f"{e!r}"
                    sys.settrace(None)
                out.append(f"{func.__name__} {start} {end} {result} {log}")
    return out


@program
def jumps_in_events():
    """f_lineno set in each kind of event (the value is the line itself)."""
    import warnings
    out = []

    def helper(x):
        return x

    def body():
        a = helper(1)
        try:
            int("x")
        except ValueError:
            a = 2
        b = list(jump_gen())
        return a, b
    for wanted in ("call", "line", "return", "exception", "opcode"):
        for name in ("helper", "body", "jump_gen"):
            log = []

            def tracer(frame, event, arg):
                frame.f_trace_opcodes = True
                if event == wanted and frame.f_code.co_name == name and not log:
                    try:
                        frame.f_lineno = frame.f_lineno
                        log.append("done")
                    except ValueError as e:
                        log.append(str(e))
                return tracer
            if (wanted, name) == ("return", "jump_gen"):
                continue        # 3.12.1 crashes
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                sys.settrace(tracer)
                try:
                    result = body()
                except BaseException as e:
                    result = repr(e)
                sys.settrace(None)
            out.append(f"{wanted} {name} {result} {log}")
    return out


def lines():
    """What every program says."""
    for name, func in PROGRAMS.items():
        yield f"== {name}"
        for line in func():
            yield line


if __name__ == "__main__":
    for line in lines():
        print(line)
