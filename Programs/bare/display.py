"""What sys.excepthook prints."""

import sys


class Sink:
    """Collects what is written, without the folder of this file."""

    def __init__(self):
        self.parts = []

    def write(self, text):
        self.parts.append(text)

    def flush(self):
        pass


def f1():
    x = {}
    return x["a"]["b"] + 1


def f2():
    x = "é"
    return ("é" + x + (1)) + 3


def f3():
    raise ValueError("multi\nline")


def f4():
    try:
        f1()
    except KeyError as e:
        raise TypeError("x") from e


def f5():
    try:
        f4()
    except TypeError:
        f3()


def f6(n=0):
    return f6(n + 1) if n < 20 else f3()


def f7():
    foo(1, 2).bar


def foo(*a):
    return a


def f8():
    raise ExceptionGroup(
        "eg",
        [
            ValueError(1),
            TypeError("q\nr"),
            ExceptionGroup("in", [KeyError(2), OSError(2, "x", "y")]),
        ],
    )


def f9():
    try:
        f8()
    except* KeyError as e:
        f3()


def f10():
    e = ValueError("n")
    e.add_note("note1\nsecond")
    e.add_note("z")
    raise e


def f11():
    e = ValueError("n")
    e.__notes__ = [1, b"x", object]
    raise e


def f12():
    e = ValueError("n")
    e.__notes__ = 3
    raise e


class B(Exception):
    def __str__(s):
        1 / 0


class Nn:
    class Q(Exception):
        pass


def f13():
    raise B


def f14():
    raise Nn.Q("")


def f15():
    exec(compile("if x\n  pass", "some/file.py", "exec"))


def f16():
    exec(compile("a = (1,\n  2 3)", "f", "exec"))


def f17():
    exec("def f(:\n")


def f18():
    exec("    x=1\n  y")


def f19():
    exec("\tx = $")


def f20():
    raise SyntaxError("hand", ("nofile.py", 3, 5, "abcdefgh ij\n", 3, 9))


def f21():
    raise SyntaxError("hand", ("nofile.py", None, None, None))


def f22():
    raise SyntaxError("hand", (None, 3, 0, "abc"))


def f23():
    raise SyntaxError("hand", ("n", 3, 2, "  abc\n", 4, 1))


def f24():
    raise SyntaxError("hand", ("n", 3, 20, "  abc"))


def f25():
    raise SyntaxError()


def f26():
    raise ExceptionGroup("big", [ValueError(i) for i in range(20)])


def f27():
    e = ValueError(0)
    for i in range(15):
        e = ExceptionGroup("d%d" % i, [e])
    raise e


def f28():
    [].foo


def f29():
    lenn


def f30():
    aa = 1
    ab


def f31():
    math


def f32():
    e = ValueError(1)
    e.__cause__ = e
    raise e


def f33():
    a = ValueError(1)
    b = ValueError(2)
    a.__context__ = b
    b.__context__ = a
    raise a


def f34():
    e = ExceptionGroup("g", [f35(ValueError, 1)])
    raise e from KeyError(3)


def f35(t, *a):
    try:
        raise t(*a)
    except t as e:
        return e


def f36():
    def g():
        1 / 0

    try:
        g()
    except Exception as e:
        raise ExceptionGroup("h", [e, f35(OSError, 3)]) from None


def f37():
    x = [1]
    x[5] = foo(x[7])


def f38():
    x = 1
    x.a.b.c


def f39():
    assert 1 == 2, "msg"


def f40():
    (lambda: 1 / 0)()


def f41():
    return [z / 0 for z in (1,)]


def f42():
    e = Exception()
    e.__traceback__ = None
    raise NameError("x", name="lenn") from e


def f43():
    raise ImportError("c", name="os", name_from="patth")


def f44():
    x = 1
    x @ x


def f45():
    x = 1
    return x ** "a"


def f46():
    x = 1
    return (x) // ("a")


def f47():
    x = []
    return x[1]


def f48():
    (1).foo(1)(2)


class Note(list):
    def __str__(s):
        1 / 0


def f49():
    e = ValueError()
    e.__notes__ = [Note(), "a"]
    raise e


def f50():
    e = BaseExceptionGroup("b", [KeyboardInterrupt(), ValueError()])
    e.add_note("gn\nx")
    raise e


folder = __file__.rpartition("/")[0]


def run(number):
    function = globals()["f%d" % number]
    try:
        function()
    except BaseException as exc:
        sink, saved = Sink(), sys.stderr
        sys.stderr = sink
        try:
            sys.__excepthook__(type(exc), exc, exc.__traceback__)
        finally:
            sys.stderr = saved
        text = "".join(sink.parts)
        print("==", number)
        print(text.replace(folder + "/", "") if folder else text)


for number in range(1, 51):
    if number != 43:  # needs the module os
        run(number)
