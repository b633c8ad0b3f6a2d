"""_sqlite3: callbacks that raise, close or use their connection, connections shared by threads,
isolated interpreters on one file, failing allocations, and what goes away in odd orders."""

import contextlib
import gc
import os
import sqlite3
import sys
import tempfile
import threading
import unittest
import weakref
from test import support

try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

CLOSED = "Cannot operate on a closed database"


def numbers(n=3):
    """Return SQL whose rows are 1 to n, in the column x."""
    return " union all ".join(f"select {i} as x" for i in range(1, n + 1))


def is_open(path):
    """Return whether this process has the file open."""
    folder = "/proc/self/fd"
    return any(os.path.realpath(os.path.join(folder, fd)) == os.path.realpath(path)
               for fd in os.listdir(folder))


class Case(unittest.TestCase):
    def connect(self, database=":memory:", **options):
        connection = sqlite3.connect(database, **options)
        self.addCleanup(connection.close)
        return connection


class ClosingTests(Case):
    """The database is closed in the middle of something."""

    def test_close_in_callbacks(self):
        """A callback may close the connection; the operation ends, and no other begins."""
        class Aggregate:
            def __init__(self): close("init")
            def step(self, x): close("step")
            def finalize(self): return close("finalize")

        def close(which):
            if which == where:
                c.close()
                with self.assertRaisesRegex(sqlite3.ProgrammingError, CLOSED):
                    c.execute("select 1")
            return 0

        for where in ("init", "step", "finalize", "function", "collation", "authorizer",
                      "progress", "trace", "converter", "text", "parameter", "row"):
            with self.subTest(where):
                c = self.connect(detect_types=sqlite3.PARSE_COLNAMES)
                c.create_aggregate("ag", 1, Aggregate)
                c.create_function("f", 1, lambda x: close("function"))
                c.create_collation("co", lambda a, b: close("collation"))
                c.set_authorizer(lambda *args: close("authorizer"))
                c.set_progress_handler(lambda: close("progress"), 1)
                c.set_trace_callback(lambda sql: close("trace"))
                c.text_factory = lambda data: close("text")
                c.row_factory = lambda cursor, row: close("row")
                sqlite3.register_converter("closing", lambda data: close("converter"))

                class Parameters(list):
                    def __getitem__(self, i):
                        return close("parameter")
                    __len__ = lambda self: 1

                with contextlib.suppress(sqlite3.Error):
                    cursor = c.execute(
                        f"""select ag(x), f(x), ?, 'a' as "t [closing]", y from
                            (select x, 'a' || x as y from ({numbers()}) order by y collate co)
                            group by x""", Parameters())
                    cursor.fetchall()
                with self.assertRaisesRegex(sqlite3.ProgrammingError, CLOSED):
                    c.execute("select 1")
                c.close()
                c.__init__(":memory:")
                self.assertEqual(c.execute("select 1").fetchall(), [(1,)])
                del sqlite3.converters["CLOSING"]

    def test_initialise_in_callback(self):
        c = self.connect()
        c.create_function("f", 0, lambda: c.__init__(":memory:"))
        self.assertRaises(sqlite3.OperationalError, c.execute, "select f()")
        self.assertEqual(c.execute("select 1").fetchall(), [(1,)])

    def test_initialise_again(self):
        """Cursors and functions of the old database live on, and all dies in any order."""
        for delete in ("c", "cursor", "blob"):
            c = sqlite3.connect(":memory:")
            c.create_function("f", 1, lambda x: -x)
            c.execute("create table t(b)")
            c.execute("insert into t values(x'0102')")
            c.commit()
            blob = c.blobopen("t", "b", 1)
            cursor = c.execute(f"select f(x) from ({numbers()})")
            statement = c("select 1")
            c.__init__(":memory:")
            self.assertEqual(cursor.fetchone(), (-1,))
            self.assertRaisesRegex(sqlite3.ProgrammingError, "closed blob", blob.read)
            self.assertRaises(sqlite3.OperationalError, c.execute, "select f(1)")
            with self.assertRaises(sqlite3.OperationalError):
                c.__init__("/no/such/directory/file")
            with self.assertRaisesRegex(sqlite3.ProgrammingError, "__init__ not called"):
                cursor.fetchone()
            if delete == "c":
                del c
            elif delete == "cursor":
                del cursor
            else:
                del blob
            c = cursor = blob = None
            del statement

    def test_close_and_initialise(self):
        """Rows of a database that was closed are gone, also if another is open."""
        c = self.connect()
        c.execute("create table t(a)")
        for sql in "insert into t values(1), (2) returning a", numbers():
            cursor = c.execute(sql)
            c.close()
            c.__init__(":memory:")
            self.assertRaisesRegex(sqlite3.ProgrammingError, CLOSED, cursor.fetchone)
            self.assertIsNone(cursor.fetchone())
            c.execute("create table t(a)")

    def test_close_while_tidying_up(self):
        """What is called when a cursor dies in another thread may close the connection."""
        class Window:
            def step(self, x): pass
            def inverse(self, x): pass
            def value(self): return 0
            def finalize(self): c.close()

        def f(x):
            thread = threading.Thread(target=left.clear)
            thread.start()
            thread.join()
            return x
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "db")
            c = sqlite3.connect(path, check_same_thread=False)
            c.create_window_function("w", 1, Window)
            c.create_function("f", 1, f)
            sql = f"select w(x) over (order by x rows 1 preceding) from ({numbers(9)})"
            left = [c.execute(sql)]
            with contextlib.suppress(sqlite3.ProgrammingError):
                c.execute("select f(1)").fetchall()
            self.assertEqual(left, [])
            self.assertRaisesRegex(sqlite3.ProgrammingError, CLOSED, c.execute, "select 1")
            self.assertFalse(is_open(path))

    def test_statement_survives(self):
        """A statement that Python code has may live longer than its connection."""
        statement = sqlite3.connect(":memory:")("select 1")
        gc.collect()
        del statement

    def test_cycles(self):
        """Functions that know their connection are garbage with it."""
        class Callable:
            def __call__(self, *args):
                return 1
        for register in (lambda c, f: c.create_function("f", 1, f),
                         lambda c, f: c.create_aggregate("f", 1, f),
                         lambda c, f: c.create_window_function("f", 1, f),
                         lambda c, f: c.create_collation("f", f),
                         lambda c, f: c.set_authorizer(f),
                         lambda c, f: c.set_progress_handler(f, 100),
                         lambda c, f: c.set_trace_callback(f),
                         lambda c, f: setattr(c, "row_factory", f)):
            f = Callable()
            f.connection = sqlite3.connect(":memory:")
            register(f.connection, f)
            gone = weakref.ref(f)
            del f
            gc.collect()
            self.assertIsNone(gone())

    def test_file_is_given_up(self):
        """close() closes the file although cursors and blobs are open."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "db")
            c = sqlite3.connect(path)
            c.executescript("create table t(b); insert into t values(x'01'), (x'02')")
            cursor = c.execute("select * from t")
            cursor.fetchone()
            blob = c.blobopen("t", "b", 1)
            c.close()
            self.assertFalse(is_open(path))
            for call in cursor.fetchone, cursor.close, blob.read, blob.close:
                self.assertRaisesRegex(sqlite3.ProgrammingError, CLOSED, call)


class CallbackTests(Case):
    def test_exceptions(self):
        """Exceptions of callbacks are shown if that is wanted, and never go astray."""
        def fail(*args):
            raise ValueError("from a callback")

        class Aggregate:
            step = inverse = value = finalize = fail

        seen = []
        for tracebacks in (False, True):
            with support.swap_attr(sys, "unraisablehook",
                                   lambda info: seen.append(type(info.exc_value))):
                sqlite3.enable_callback_tracebacks(tracebacks)
                self.addCleanup(sqlite3.enable_callback_tracebacks, False)
                for sql in (f"select f(x) from ({numbers()})", f"select ag(x) from ({numbers()})",
                            f"select ag(x) over () from ({numbers()})", "select 2", "select 3"):
                    c = self.connect()
                    c.create_function("f", 1, fail)
                    c.create_window_function("ag", 1, Aggregate)
                    if sql == "select 2":
                        c.set_authorizer(fail)
                    elif sql == "select 3":
                        c.set_progress_handler(fail, 1)
                    self.assertRaises(sqlite3.DatabaseError, lambda: c.execute(sql).fetchall())
                c = self.connect()
                c.set_trace_callback(fail)
                c.execute("select 1")
            self.assertEqual(bool(seen), tracebacks)
            self.assertLessEqual(set(seen), {ValueError})

    def test_collation(self):
        """The first exception of a collation ends the step; later ones are not made."""
        calls = []

        def collation(a, b):
            calls.append((a, b))
            raise ValueError(f"call {len(calls)}")
        c = self.connect()
        c.create_collation("co", collation)
        for _ in range(2):
            calls.clear()
            with self.assertRaisesRegex(ValueError, "call 1"):
                c.execute(f"select 'a' || x as y from ({numbers(9)}) order by y collate co")
            self.assertEqual(len(calls), 1)
        self.assertEqual(c.execute("select 1").fetchall(), [(1,)])

    def test_use_the_connection(self):
        """A callback may use its connection, and the same SQL at another cursor."""
        c = self.connect()
        sql = f"select f(x) from ({numbers()})"
        depth = 0

        def f(x):
            nonlocal depth
            depth += 1
            try:
                return x + (sum(row[0] for row in c.execute(sql)) if depth < 4 else 0)
            finally:
                depth -= 1
        c.create_function("f", 1, f)
        self.assertEqual(sum(row[0] for row in c.execute(sql)), 6 * (1 + 3 + 9 + 27))

    def test_replace_while_running(self):
        """A function cannot be replaced while a statement uses it, and stays usable."""
        c = self.connect()

        def f(x):
            with self.assertRaises(sqlite3.OperationalError):
                c.create_function("f", 1, None)
            return x
        c.create_function("f", 1, f)
        self.assertEqual(c.execute(f"select f(x) from ({numbers()})").fetchall(),
                         [(1,), (2,), (3,)])

    def test_aggregate_left_in_the_middle(self):
        """finalize() is called when a statement with an aggregate is given up."""
        finalized = []

        class Window:
            def step(self, x): pass
            def inverse(self, x): pass
            def value(self): return 0
            def finalize(self): finalized.append(1)
        c = self.connect()
        c.create_window_function("w", 1, Window)
        cursor = c.execute(f"select w(x) over (order by x rows 1 preceding) from ({numbers(9)})")
        cursor.fetchone()
        del cursor
        self.assertEqual(finalized, [1])


class CacheTests(Case):
    def test_least_recently_used(self):
        c = self.connect(cached_statements=3)
        first = [c(f"select {i}") for i in range(3)]
        self.assertIs(c("select 0"), first[0])
        c("select 3")                           # takes the place of "select 1"
        self.assertIs(c("select 0"), first[0])
        self.assertIs(c("select 2"), first[2])
        self.assertIsNot(c("select 1"), first[1])

    def test_off(self):
        for size in (0, -1):
            c = self.connect(cached_statements=size)
            self.assertIsNot(c("select 1"), c("select 1"))

    def test_in_use(self):
        """Two cursors with the same SQL do not disturb each other."""
        c = self.connect()
        a = c.execute(numbers())
        b = c.execute(numbers())
        self.assertEqual(a.fetchone(), (1,))
        self.assertEqual(b.fetchall(), [(1,), (2,), (3,)])
        self.assertEqual(a.fetchall(), [(2,), (3,)])

    def test_odd_strings(self):
        """SQL may be of a subclass of str whatever its equality does."""
        class Odd(str):
            def __eq__(self, other):
                c.close()
                raise ValueError
            __hash__ = lambda self: hash("select 1")
        c = self.connect()
        c.execute("select 1")
        self.assertEqual(c.execute(Odd("select 1")).fetchall(), [(1,)])

    def test_values_are_released(self):
        """Statements in the cache keep no values, and no lock of the file."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "db")
            c = self.connect(path, isolation_level=None)
            c.execute("create table t(a)")
            c.executemany("insert into t values(?)", [(i,) for i in range(9)])
            c.execute("select * from t").fetchone()     # the cursor goes away at once
            d = self.connect(path, timeout=0, isolation_level=None)
            d.execute("drop table t")


class ThreadTests(Case):
    """Threads that share a connection."""

    def run_threads(self, *functions):
        errors = []

        def run(function):
            try:
                function()
            except BaseException as error:
                errors.append(error)
        threads = [threading.Thread(target=run, args=(function,)) for function in functions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(support.SHORT_TIMEOUT)
            self.assertFalse(thread.is_alive(), "threads wait for each other")
        for error in errors:
            raise error

    def test_callbacks(self):
        """A thread in a callback and others that want the connection do not block each other."""
        c = self.connect(check_same_thread=False, isolation_level=None)
        c.create_function("f", 1, lambda x: sum(range(1000)) and x)
        c.execute("create table t(b)")
        c.execute("insert into t values(x'00')")

        def select():
            for i in range(30):
                self.assertEqual(len(c.execute(f"select f(x) from ({numbers(9)})").fetchall()), 9)

        def change():
            for i in range(30):
                c.execute("insert into t values(?)", (i,))
                c.blobopen("t", "b", 1).read()
                with contextlib.suppress(sqlite3.OperationalError):     # statements are active
                    c.create_collation("co", lambda a, b: 0)
                c.serialize()
        self.run_threads(select, change, select, change)
        self.assertEqual(c.execute("select count(*) from t").fetchone(), (61,))

    def test_one_cursor(self):
        """A cursor in use by another thread is refused."""
        c = self.connect(check_same_thread=False)
        cursor = c.cursor()
        seen = []

        def f(x):
            thread = threading.Thread(target=lambda: seen.append(fetch()))
            thread.start()
            thread.join()
            return x

        def fetch():
            try:
                cursor.fetchone()
            except sqlite3.ProgrammingError as error:
                return str(error)
        c.create_function("f", 1, f)
        cursor.execute("select f(1)")
        self.assertEqual(seen, ["Recursive use of cursors not allowed."])

    def test_close(self):
        """Closing waits for the operation of another thread, and ends what comes later."""
        for _ in range(10):
            c = self.connect(check_same_thread=False)
            started = threading.Event()
            c.create_function("f", 1, lambda x: started.set() or x)

            def select():
                with self.assertRaisesRegex(sqlite3.ProgrammingError, CLOSED):
                    while True:
                        c.execute(f"select f(x) from ({numbers(9)})").fetchall()

            def close():
                started.wait(support.SHORT_TIMEOUT)
                c.close()
            self.run_threads(select, select, close)

    def test_drop_in_another_thread(self):
        """Cursors and blobs may die in a thread while another uses the connection."""
        c = self.connect(check_same_thread=False)
        c.execute("create table t(b)")
        c.execute("insert into t values(x'00')")
        c.commit()
        left = []

        def f(x):
            thread = threading.Thread(target=left.clear)
            thread.start()
            thread.join()
            return x
        c.create_function("f", 1, f)
        for _ in range(5):
            left += [c.execute(numbers()), c.blobopen("t", "b", 1), c("select 5")]
            self.assertEqual(c.execute("select f(1)").fetchall(), [(1,)])
            self.assertEqual(left, [])
        self.assertEqual(c.execute(numbers()).fetchall(), [(1,), (2,), (3,)])

    def test_interrupt(self):
        """interrupt() needs no turn."""
        c = self.connect(check_same_thread=False)
        started = threading.Event()
        c.create_function("f", 0, lambda: started.set() or 1)
        endless = "with recursive r(x) as (select f() union all select x + 1 from r) " \
                  "select count(*) from r"

        def select():
            with self.assertRaisesRegex(sqlite3.OperationalError, "interrupted"):
                c.execute(endless)

        def interrupt():
            started.wait(support.SHORT_TIMEOUT)
            c.interrupt()
        self.run_threads(select, interrupt)

    @unittest.skipIf(ladon_support.has_sanitizer("tsan"),
                     "it sees SQLite's mutexes taken in both orders, but not that our lock of each "
                     "connection, around them, is always taken in one order")
    def test_backups(self):
        """Backups in opposite directions do not block each other."""
        a, b = (self.connect(check_same_thread=False, isolation_level=None) for _ in "ab")
        a.execute("create table t(x)")

        def copy(source, target):
            for _ in range(20):
                source.backup(target, pages=1, progress=lambda *args: None)
        self.run_threads(lambda: copy(a, b), lambda: copy(b, a))


class InterpreterTests(Case):
    CODE = """if True:
        import _sqlite3, sqlite3
        c = sqlite3.connect({path!r}, timeout=60, isolation_level=None,
                            detect_types=sqlite3.PARSE_DECLTYPES)
        class Sum:
            def __init__(self): self.sum = 0
            def step(self, x): self.sum += x
            def finalize(self): return self.sum
        class Own:
            pass
        c.create_function("f", 1, lambda x: x + 1)
        c.create_aggregate("total_of", 1, Sum)
        c.create_collation("co", lambda a, b: (a > b) - (a < b))
        sqlite3.register_adapter(Own, lambda own: 7)
        sqlite3.register_converter("own", lambda data: Own())
        for i in range(20):
            c.execute("insert into t values(f(?), ?)", (i, Own()))
            assert type(c.execute("select o from t").fetchone()[0]) is Own
            assert c.execute("select total_of(x) from t").fetchone()[0] > 0
            assert c.execute("select 'a' as y union select 'b' order by y collate co").fetchall()
            try:
                c.execute("select no")
            except _sqlite3.OperationalError as error:
                assert error.sqlite_errorname == "SQLITE_ERROR"
        {end}
    """

    def test_one_file(self):
        """Isolated interpreters write the same file at once, with their own types."""
        for end in ("c.close()", "pass"):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "db")
                c = self.connect(path)
                c.executescript("pragma journal_mode=wal; create table t(x, o own)")
                ladon_support.run_in_interpreters(self.CODE.format(path=path, end=end), 2)
                self.assertEqual(c.execute("select count(*), sum(x) from t").fetchone(),
                                 (80, 4 * sum(range(21))))
                c.close()

    def test_registrations_are_separate(self):
        ladon_support.run_in_interpreters("import sqlite3; sqlite3.register_adapter(int, str)", 1)
        self.assertEqual(self.connect().execute("select ?", (1,)).fetchone(), (1,))


class MemoryTests(Case):
    @staticmethod
    def use():
        """Use each part of the module once."""
        class Window:
            def __init__(self): self.n = 0
            def step(self, x): self.n += x
            def inverse(self, x): self.n -= x
            def value(self): return self.n
            finalize = value

        with contextlib.closing(sqlite3.connect(":memory:", detect_types=3)) as c:
            c.row_factory = sqlite3.Row
            c.create_function("f", -1, lambda *args: str(args))
            c.create_window_function("w", 1, Window)
            c.create_collation("co", lambda a, b: (a > b) - (a < b))
            c.set_trace_callback(lambda sql: None)
            c.execute("create table t(a date, b)")
            c.executemany("insert into t values(?, ?)", [(str(i), b"blob") for i in range(3)])
            c.executescript("select 1; select 2")
            with contextlib.suppress(sqlite3.OperationalError):
                c.execute("no sql")
            rows = c.execute("""select b as "b [bytes]", f(1, 1.5, 'a', x'01', null), w(1) over (),
                                rowid from t where rowid > :r order by b collate co""", {"r": 0})
            [(row.keys(), row["b"], hash(row)) for row in rows]
            with c.blobopen("t", "b", 1) as blob:
                blob[0:2] = blob[1:3]
                blob.read()
            with contextlib.closing(sqlite3.connect(":memory:")) as d:
                c.commit()
                c.backup(d, progress=lambda *args: None)
                d.deserialize(c.serialize())
                c.__init__(":memory:")

    @ladon_support.needs_failing_allocations
    def test_memory_errors(self):
        """Each allocation may fail, and nothing is lost."""
        # A callback that fails is another error for SQLite.
        lost, number = ladon_support.lost_blocks(self.use, (MemoryError, sqlite3.Error))
        self.assertGreater(number, 100)
        self.assertLess(lost, 50)

    @support.requires_fork()
    def test_memory_errors_of_the_library(self):
        """SQLite may be out of memory at any point; what fails can still be closed."""
        codes = set()
        for limit in range(20000, 200000, 5000):
            child = os.fork()
            if child == 0:
                code = 3
                try:
                    # Of the process, and it cannot be raised again.
                    sqlite3.connect(":memory:").execute(f"pragma hard_heap_limit={limit}")
                    try:
                        self.use()
                        code = 0
                    except MemoryError:
                        code = 1
                    except sqlite3.OperationalError:    # as when a callback has failed
                        code = 2
                    gc.collect()
                finally:
                    os._exit(code)
            codes.add(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        self.assertLessEqual({0, 1}, codes)
        self.assertLessEqual(codes, {0, 1, 2})

    def test_blocks(self):
        """No memory is lost in any use."""
        for _ in range(3):
            self.use()
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(10):
            self.use()
        gc.collect()
        self.assertLess(sys.getallocatedblocks() - before, 50)


class OddTests(Case):
    def test_negative_step_of_blob(self):
        c = self.connect()
        c.execute("create table t(b)")
        c.execute("insert into t values(x'00010203')")
        blob = c.blobopen("t", "b", 1)
        self.assertEqual(blob[::-1], b"\3\2\1\0")
        self.assertEqual(blob[::-2], b"\3\1")
        blob[::-1] = b"abcd"
        self.assertEqual(blob[:], b"dcba")
        blob[3:0:-2] = b"xy"
        self.assertEqual(blob[:], b"dyb" b"x")

    def test_close_blob_while_indexing(self):
        class Index:
            def __index__(self):
                blob.close()
                return 0

        class Buffer:
            def __buffer__(self, flags):
                blob.close()
                return memoryview(b"")
        c = self.connect()
        c.execute("create table t(b)")
        c.execute("insert into t values(x'00010203')")
        for action in (lambda: blob[Index()], lambda: blob[Index():],
                       lambda: blob.__setitem__(Index(), 1),
                       lambda: blob.__setitem__(slice(Index(), 1), b"a"),
                       lambda: blob.__setitem__(slice(0, 0), Buffer()),
                       lambda: blob.write(Buffer()), lambda: blob.seek(Index()),
                       lambda: blob.read(Index())):
            blob = c.blobopen("t", "b", 1)
            self.assertRaisesRegex(sqlite3.ProgrammingError, "closed blob", action)

    def test_row_without_columns(self):
        row = sqlite3.Row(self.connect().cursor(), (1,))
        self.assertEqual(row.keys(), [])
        self.assertRaises(IndexError, lambda: row["a"])
        self.assertEqual(row[0], 1)
        self.assertRaises(TypeError, hash, sqlite3.Row(self.connect().cursor(), ([],)))

    def test_attributes_cannot_be_deleted(self):
        c = self.connect()
        for name in "isolation_level", "autocommit":
            self.assertRaises(AttributeError, delattr, c, name)
        del c.text_factory, c.row_factory
        self.assertRaises(TypeError, c.execute("select 'a'").fetchall)

    def test_deserialize_errors(self):
        c = self.connect()
        with self.assertRaises(sqlite3.OperationalError):
            c.deserialize(b"x", name="no")
        c.deserialize(b"")
        self.assertEqual(c.execute("select * from sqlite_master").fetchall(), [])

    def test_executemany_returning(self):
        """Rows that executemany() makes are dropped, and the statements complete."""
        c = self.connect()
        c.execute("create table t(a)")
        cursor = c.executemany("insert into t values(?), (?) returning a", [(1, 2), (3, 4)])
        self.assertEqual(cursor.rowcount, 4)
        self.assertEqual(cursor.fetchall(), [])
        self.assertEqual(c.execute("select count(*) from t").fetchone(), (4,))

    def test_change_while_executing(self):
        """Parameters may do anything to the connection and the cursor."""
        c = self.connect()
        c.execute("create table t(a)")
        cursor = c.cursor()
        for action in (cursor.close, lambda: cursor.__init__(c), lambda: cursor.execute("select 1"),
                       cursor.fetchone):
            def parameters():
                action()
                yield (1,)
            with self.assertRaisesRegex(sqlite3.ProgrammingError, "Recursive use"):
                cursor.executemany("insert into t values(?)", parameters())
        for action in (c.rollback, c.commit, lambda: c.execute("drop table t"), c.close):
            def parameters():
                yield (1,)
                action()
                yield (2,)
            with contextlib.suppress(sqlite3.Error):
                cursor.executemany("insert into t values(?)", parameters())


if __name__ == "__main__":
    unittest.main()
