"""bcrypt in depth: Rust behind the stable ABI of 3.9."""

import sys
import threading
import traceback
import warnings

import bcrypt
from bcrypt import _bcrypt
from common import show, subclass_tree

show("names", lambda: sorted(n for n in dir(bcrypt) if not n.startswith("_")))
show("about", lambda: [getattr(bcrypt, n) for n in ("__version__", "__title__", "__license__")])
show("native", lambda: (type(_bcrypt).__name__, type(bcrypt.hashpw).__name__,
                        bcrypt.hashpw.__module__, bcrypt.hashpw.__name__))
show("signatures", lambda: [f.__text_signature__ for f in
                            (bcrypt.gensalt, bcrypt.hashpw, bcrypt.checkpw, bcrypt.kdf)])
show("gensalt", lambda: (len(bcrypt.gensalt()), bcrypt.gensalt()[:7], bcrypt.gensalt(5)[:7],
                         bcrypt.gensalt(rounds=31, prefix=b"2a")[:7]))
show("gensalt differs", lambda: bcrypt.gensalt(4) != bcrypt.gensalt(4))
for rounds in (3, 32, -1, 2 ** 40, "5", 4.0, None):
    show(f"gensalt {rounds}", bcrypt.gensalt, rounds)
show("gensalt prefix", bcrypt.gensalt, 4, b"2c")
show("gensalt prefix str", bcrypt.gensalt, 4, "2b")
show("gensalt keyword", lambda: bcrypt.gensalt(foo=1))
show("gensalt twice", lambda: bcrypt.gensalt(4, rounds=4))
show("gensalt three", lambda: bcrypt.gensalt(4, b"2b", 1))

SALT = b"$2b$04$cVWp4XaNU8a4v1uMRum2SO"
for password in (b"", b"Kk4DQuMMfZL9o", b"\xff\xfe", b"x" * 72):
    show("hashpw", bcrypt.hashpw, password, SALT)
    show("checkpw", lambda: bcrypt.checkpw(password, bcrypt.hashpw(password, SALT)))
show("older prefixes", lambda: [bcrypt.hashpw(b"pw", b"$" + p + SALT[3:]) for p in
                                (b"2a", b"2y", b"2b")])
show("2x", lambda: bcrypt.hashpw(b"pw", b"$2x" + SALT[3:]))
show("wrong password", lambda: bcrypt.checkpw(b"other", bcrypt.hashpw(b"pw", SALT)))
show("hash as salt", lambda: bcrypt.hashpw(b"pw", bcrypt.hashpw(b"pw", SALT))
     == bcrypt.hashpw(b"pw", SALT))
show("too long", lambda: bcrypt.hashpw(b"x" * 73, SALT))
show("NUL in password", lambda: bcrypt.hashpw(b"a\0b", SALT))
for salt in (b"", b"$", b"$2b$", b"$2b$04$", b"$2b$04$x", b"$2b$99$" + SALT[7:],
             b"$2b$0a$" + SALT[7:], b"$9z$04$" + SALT[7:], SALT[:-1] + b"!", b"\xff\xff", b"no"):
    show(f"salt {salt}", bcrypt.hashpw, b"pw", salt)
    show(f"check {salt}", bcrypt.checkpw, b"pw", salt)
for wrong in ("text", 5, None, bytearray(b"pw"), memoryview(b"pw"), [b"pw"]):
    name = type(wrong).__name__
    show(f"password {name}", bcrypt.hashpw, wrong, SALT)
    show(f"salt {name}", bcrypt.hashpw, b"pw", wrong)
    show(f"check {name}", bcrypt.checkpw, wrong, SALT)
show("no arguments", bcrypt.hashpw)
show("one argument", bcrypt.hashpw, b"pw")
show("three arguments", bcrypt.hashpw, b"pw", SALT, 1)
show("keywords", lambda: bcrypt.hashpw(salt=SALT, password=b"pw"))
show("unknown keyword", lambda: bcrypt.hashpw(b"pw", pepper=SALT))
show("str subclass keyword", lambda: bcrypt.hashpw(b"pw", **{type("S", (str,), {})("salt"): SALT}))

show("kdf", bcrypt.kdf, b"password", b"salt", 32, 50)
show("kdf keywords", lambda: bcrypt.kdf(password=b"p", salt=b"s", desired_key_bytes=64, rounds=60))
show("kdf few", lambda: bcrypt.kdf(b"p", b"s", 8, 4, ignore_few_rounds=True))
show("kdf no salt", bcrypt.kdf, b"p", b"", 8, 50)
show("kdf no password", bcrypt.kdf, b"", b"s", 8, 50)
show("kdf length 0", bcrypt.kdf, b"p", b"s", 0, 50)
show("kdf length 513", bcrypt.kdf, b"p", b"s", 513, 50)
show("kdf length 512", lambda: len(bcrypt.kdf(b"p", b"s", 512, 1, True)))
show("kdf rounds 0", bcrypt.kdf, b"p", b"s", 8, 0)
show("kdf rounds negative", bcrypt.kdf, b"p", b"s", 8, -1)
show("kdf wrong type", bcrypt.kdf, "p", b"s", 8, 50)


def warned():
    """Few rounds warn at the caller's line."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        bcrypt.kdf(b"p", b"s", 8, 4)
    return [(w.category.__name__, str(w.message), w.filename.rpartition("/")[2]) for w in caught]


def warning_as_error():
    """The same warning, raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return bcrypt.kdf(b"p", b"s", 8, 4)


show("kdf warning", warned)
show("kdf warning raised", warning_as_error)


def raised_in_turn():
    """Errors from Rust have context and a traceback that names the caller."""
    try:
        bcrypt.hashpw(b"pw", b"bad")
    except ValueError as first:
        try:
            bcrypt.gensalt(100)
        except ValueError as second:
            return (subclass_tree(second), second.__context__ is first,
                    [f.name for f in traceback.extract_tb(second.__traceback__)])


show("in turn", raised_in_turn)
expected = bcrypt.hashpw(b"threads", SALT)
results = []
threads = [threading.Thread(target=lambda: results.append(bcrypt.hashpw(b"threads", SALT)))
           for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
show("threads", lambda: results == [expected] * 8)
password = b"counted" * 3
before = sys.getrefcount(password)
for _ in range(20):
    bcrypt.hashpw(password, SALT)
    try:
        bcrypt.hashpw(password, b"bad")
    except ValueError:
        pass
show("references", lambda: sys.getrefcount(password) - before)
