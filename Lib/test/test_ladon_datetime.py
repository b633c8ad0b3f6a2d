"""_datetime in C: random operations against the Python version, the C API from an extension module,
interpreters that use the types at the same time, failing allocations.

CPython's test_datetime tests the semantics; here is what it leaves out.
"""

import _pydatetime
import os
import random
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
import time as clock
import unittest
import warnings
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

import _datetime

try:
    import _ladontest
except ImportError:
    _ladontest = None
try:
    import ladon_support                # as a script
except ImportError:
    from test import ladon_support      # run by regrtest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.dirname(os.path.abspath(sys.executable))


def answer(function, *args):
    """The text of a result, or the type of the exception."""
    try:
        result = function(*args)
        # The two repr() differ in the place of fold.
        return f"{result!s} {result.fold}" if hasattr(result, "fold") else repr(result)
    except Exception as error:
        return type(error).__name__


class Operations:
    """Random expressions; the names in them are those of the module that evaluates them."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def number(self, low, high):
        rng = self.rng
        return rng.choice([low, high, low - 1, high + 1]) if rng.random() < 0.1 \
            else rng.randint(low, high)

    def zone(self):
        rng = self.rng
        return rng.choice([
            "None", "timezone.utc", f"timezone(timedelta(minutes={rng.randint(-1439, 1439)}))",
            f"timezone(timedelta(seconds={rng.randint(-86399, 86399)}, microseconds=-1), 'x')"])

    def delta(self):
        rng = self.rng
        return rng.choice([
            f"timedelta({rng.randint(-10**9, 10**9)}, {rng.randint(-10**6, 10**6)},"
            f" {rng.randint(-10**12, 10**12)})",
            f"timedelta({rng.randint(-9999, 9999)}, 0, {rng.randint(-10**7, 10**7)})",
            f"timedelta({rng.randint(-9, 9)}, microseconds={rng.randint(-99, 99) / 2})",
            f"timedelta(milliseconds={rng.randint(-99, 99) / 2000})",
            f"timedelta(microseconds={rng.randint(-2**67, 2**67)})"])

    def clock(self):
        rng = self.rng
        return (f"{self.number(0, 23)}, {self.number(0, 59)}, {rng.choice([0, rng.randrange(60)])},"
                f" {rng.choice([0, self.number(0, 999999)])}, {self.zone()},"
                f" fold={rng.choice([0, 0, 1])}")

    def day(self):
        rng = self.rng
        year = rng.choice([self.number(1, 9999), rng.randint(1900, 2100)])
        return f"{year}, {self.number(1, 12)}, {rng.choice([self.number(1, 31), 28])}"

    def value(self):
        return self.rng.choice([
            self.delta, lambda: f"date({self.day()})", lambda: f"time({self.clock()})",
            lambda: f"datetime({self.day()}, {self.clock()})",
            lambda: self.rng.choice(["(0)", "(-7)", "(2**70)", "(0.5)", "(1e300)", "(7.25)"])])()

    def text(self, kind):
        rng = self.rng
        day = rng.choice(["%04d-%02d-%02d", "%04d%02d%02d"]) % (
            rng.randint(1, 9999), self.number(1, 12), self.number(1, 28))
        if rng.random() < 0.3:
            day = rng.choice(["%04d-W%02d-%d", "%04dW%02d%d"]) % (
                rng.randint(1, 9998), self.number(1, 53), self.number(1, 7))
        hour = rng.choice(["%02d:%02d:%02d", "%02d%02d%02d"]) % (
            self.number(0, 23), self.number(0, 59), self.number(0, 59))
        part = rng.choice(["", ".5", ",123", ".1234567"])
        offset = rng.choice(["", "Z", "+01:30", "-0930", "+23", "-01:02:03.000004"])
        return {"date": day, "time": hour + part + offset,
                "datetime": f"{day}T{hour}{part}{offset}"}[kind]

    def expression(self):
        rng = self.rng
        operator = rng.choice("+ - * / // % == != < <= > >=".split())
        method = rng.choice(
            "isoformat() ctime() timetuple() utctimetuple() toordinal() weekday() isocalendar()[1]"
            " utcoffset() tzname() dst() date() timetz() total_seconds() __reduce__()[1]"
            " replace(year=3) replace(hour=7,fold=1) astimezone(timezone.utc)"
            " strftime('%Y-%j%z%f%%:%:z') isoformat(timespec='milliseconds')".split())
        kind = rng.choice(["date", "time", "datetime"])
        left, right = self.value(), self.value()
        if {left.split("(")[0], right.split("(")[0]} == {"date", "datetime"}:
            right = self.delta()        # the Python version takes a datetime for a date
        return rng.choice([
            f"{left} {operator} {right}",
            f"{self.delta()} {operator} {self.delta()}",
            f"divmod({self.delta()}, {self.delta()})", f"abs(-{self.delta()})",
            f"repr({self.delta()})", f"str({self.value()})",
            f"{self.value()}.{method}", f"datetime({self.day()}, {self.clock()}).{method}",
            f"{kind}.fromisoformat({self.text(kind)!r})",
            f"datetime.fromtimestamp({rng.uniform(-6e10, 2e11)!r}, {self.zone()})",
            f"date.fromisocalendar({rng.randint(0, 10000)}, {self.number(1, 53)}, 7)",
            f"datetime.combine(date({self.day()}), time({self.clock()}))"])


class PureTests(unittest.TestCase):
    def test_random_expressions(self):
        """The same value, or the same exception."""
        names = "date datetime time timedelta timezone".split()
        ours = {name: getattr(_datetime, name) for name in names}
        pure = {name: getattr(_pydatetime, name) for name in names}
        operations, counts = Operations(1), {}
        for _ in range(6000):
            code = operations.expression()
            ours_answer = answer(eval, code, ours)
            self.assertEqual(ours_answer, answer(eval, code, pure), code)
            counts[ours_answer] = counts.get(ours_answer, 0) + 1
        self.assertGreater(len(counts), 3000)
        self.assertTrue({"ValueError", "OverflowError", "TypeError"} <= set(counts))

    def test_hashes(self):
        """What is equal has equal hashes, whatever the zone and fold."""
        rng = random.Random(2)
        for _ in range(2000):
            moment = datetime(rng.randint(2, 9998), 1, 1, tzinfo=UTC) + timedelta(
                seconds=rng.randrange(86400 * 365))
            other = moment.astimezone(timezone(timedelta(minutes=rng.randint(-1439, 1439))))
            self.assertEqual((moment, hash(moment)), (other, hash(other)))
            self.assertEqual(hash(other), hash(other.replace(fold=1)))
        delta = timedelta(1, 2, 3)
        self.assertEqual(hash(delta), hash((1, 2, 3)))

    def test_sums_of_huge_numbers(self):
        """Only the sum must be a timedelta, not each term."""
        self.assertEqual(timedelta(seconds=10**40, microseconds=-10**46), timedelta(0))
        self.assertEqual(timedelta(microseconds=10**46 + 1, seconds=-10**40, milliseconds=0.0005),
                         timedelta(microseconds=2))
        for bad in 10**40, -2**127, 2**127, 1e300:
            with self.assertRaisesRegex(OverflowError, "Python int too large to convert to C int"):
                timedelta(microseconds=bad)
        self.assertEqual(timedelta(microseconds=5) * 2**63, timedelta(microseconds=5 * 2**63))
        with self.assertRaisesRegex(OverflowError, "days=1999999999; must have magnitude <= 9999"):
            timedelta.max * 2


class TextTests(unittest.TestCase):
    def test_forms_beside_the_standard(self):
        """What 3.12 takes though ISO 8601 does not know it, and what it does not take."""
        for text, expected in {
                "12:34:56 +01:00": "12:34:56+01:00", "1234x-0200": "12:34:00-02:00",
                "12:34 Z": "12:34:00+00:00", "12:34:56.123456 +00": "12:34:56.123456+00:00",
                "123456789": "12:34:56.789000", "12:34:56:78": "12:34:56.780000",
                "1234,5": "12:34:00.500000", "T23": "23:00:00"}.items():
            self.assertEqual(time.fromisoformat(text).isoformat(), expected)
        for text in ("12:34:56  +01", "12:34:56.5 +01", "12:34 ", "12:3456", "1234567", "12+",
                     "12:34:56Z ", "TT12", "12:34\0", "\u0661\u0662", "12\ud800", ""):
            with self.assertRaisesRegex(ValueError, "Invalid isoformat string: "):
                time.fromisoformat(text)

    def test_zone_name_is_no_format(self):
        class Zone(tzinfo):
            def utcoffset(self, when):
                return timedelta(0)

            def dst(self, when):
                return None

            def tzname(self, when):
                return name

        moment = datetime(2020, 1, 1, tzinfo=Zone())
        name = "%Y%%"
        self.assertEqual(moment.strftime("%Z|%%Z|%"), "%Y%%|%Z|%")
        name = "\ud800"
        self.assertRaises(UnicodeEncodeError, moment.strftime, "%Z")
        self.assertRaises(ValueError, moment.strftime, "\0%Y")

    def test_fields_of_damaged_pickles(self):
        """They are not checked, as in CPython, but do no harm."""
        day = date(b"\xff\xff\x0c\xff")
        moment = datetime(b"\0\0\x01\0\xff\xff\xff\xff\xff\xff", UTC)
        for value in day, moment, time(b"\x17\xff\xff\xff\xff\xff"):
            for method in ("isoformat ctime weekday isocalendar timetuple utctimetuple timestamp"
                           " astimezone utcoffset __hash__ __repr__ toordinal __reduce__").split():
                if hasattr(value, method):
                    answer(getattr(value, method))
            answer(lambda: value + timedelta(1))
            answer(lambda: value - value)
            answer(value.strftime, "%c%j%U")


@unittest.skipUnless(hasattr(clock, "tzset"), "needs time.tzset()")
class LocalTimeTests(unittest.TestCase):
    def setUp(self):
        before = os.environ.get("TZ")
        self.addCleanup(self.set_zone, before)
        self.set_zone("EST5EDT,M3.2.0,M11.1.0")

    @staticmethod
    def set_zone(name):
        if name is None:
            os.environ.pop("TZ", None)
        else:
            os.environ["TZ"] = name
        clock.tzset()

    def test_fold(self):
        """Every half hour around the end of summer time, there and back."""
        for when in range(1446336000, 1446379200, 1800):
            local = datetime.fromtimestamp(when)
            self.assertEqual(local.timestamp(), when)
            self.assertEqual(local.fold, 1 if 1446357600 <= when < 1446361200 else 0)
            self.assertEqual(local.astimezone(UTC), datetime.fromtimestamp(when, UTC))

    def test_gap(self):
        skipped = datetime(2015, 3, 8, 2, 30)
        self.assertEqual(skipped.timestamp(), 1425799800)
        self.assertEqual(skipped.replace(fold=1).timestamp(), 1425796200)
        self.assertEqual(str(skipped.astimezone()), "2015-03-08 03:30:00-04:00")
        self.assertEqual(skipped.astimezone().tzname(), "EDT")

    def test_ends_of_time(self):
        self.assertRaisesRegex(ValueError, "year 0 is out of range", datetime.min.timestamp)
        self.assertRaisesRegex(ValueError, "year 10000 is out of range",
                               datetime.max.replace(fold=1).timestamp)
        self.assertRaisesRegex(OverflowError, "timestamp out of range for platform time_t",
                               datetime.fromtimestamp, 1e20)
        self.assertRaises(OSError, date.fromtimestamp, 2**60)


CAPI = r"""
#define PY_SSIZE_T_CLEAN
#include "Python.h"
#include "datetime.h"

static PyObject *api(PyObject *m, PyObject *x) { return PyLong_FromVoidPtr(PyDateTimeAPI); }

static PyObject *fields(PyObject *m, PyObject *op)
{
    if (PyDelta_Check(op)) {
        return Py_BuildValue("iiii", PyDelta_CheckExact(op), PyDateTime_DELTA_GET_DAYS(op),
                             PyDateTime_DELTA_GET_SECONDS(op),
                             PyDateTime_DELTA_GET_MICROSECONDS(op));
    }
    if (PyTime_Check(op)) {
        return Py_BuildValue("iiiiiiO", PyTime_CheckExact(op), PyDateTime_TIME_GET_HOUR(op),
                             PyDateTime_TIME_GET_MINUTE(op), PyDateTime_TIME_GET_SECOND(op),
                             PyDateTime_TIME_GET_MICROSECOND(op), PyDateTime_TIME_GET_FOLD(op),
                             PyDateTime_TIME_GET_TZINFO(op));
    }
    if (PyDateTime_Check(op)) {
        return Py_BuildValue("iiiiiiiiiO", PyDateTime_CheckExact(op), PyDateTime_GET_YEAR(op),
                             PyDateTime_GET_MONTH(op), PyDateTime_GET_DAY(op),
                             PyDateTime_DATE_GET_HOUR(op), PyDateTime_DATE_GET_MINUTE(op),
                             PyDateTime_DATE_GET_SECOND(op), PyDateTime_DATE_GET_MICROSECOND(op),
                             PyDateTime_DATE_GET_FOLD(op), PyDateTime_DATE_GET_TZINFO(op));
    }
    if (PyDate_Check(op)) {
        return Py_BuildValue("iiii", PyDate_CheckExact(op), PyDateTime_GET_YEAR(op),
                             PyDateTime_GET_MONTH(op), PyDateTime_GET_DAY(op));
    }
    return Py_BuildValue("ii", PyTZInfo_Check(op), PyTZInfo_CheckExact(op));
}

static PyObject *make(PyObject *m, PyObject *args)
{
    const char *what;
    int a[8] = {0};
    PyObject *o = NULL, *p = NULL;
    if (!PyArg_ParseTuple(args, "s(iiiiiiii)|OO", &what, &a[0], &a[1], &a[2], &a[3], &a[4], &a[5],
                          &a[6], &a[7], &o, &p)) {
        return NULL;
    }
    if (!strcmp(what, "date")) return PyDate_FromDate(a[0], a[1], a[2]);
    if (!strcmp(what, "datetime"))
        return PyDateTime_FromDateAndTime(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
    if (!strcmp(what, "datetime fold"))
        return PyDateTime_FromDateAndTimeAndFold(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
    if (!strcmp(what, "time")) return PyTime_FromTime(a[0], a[1], a[2], a[3]);
    if (!strcmp(what, "time fold")) return PyTime_FromTimeAndFold(a[0], a[1], a[2], a[3], a[4]);
    if (!strcmp(what, "delta")) return PyDelta_FromDSU(a[0], a[1], a[2]);
    if (!strcmp(what, "raw delta"))
        return PyDateTimeAPI->Delta_FromDelta(a[0], a[1], a[2], 0, PyDateTimeAPI->DeltaType);
    if (!strcmp(what, "zone")) return PyTimeZone_FromOffset(o);
    if (!strcmp(what, "named zone")) return PyTimeZone_FromOffsetAndName(o, p);
    if (!strcmp(what, "utc")) return Py_NewRef(PyDateTime_TimeZone_UTC);
    if (!strcmp(what, "stamp")) return PyDateTime_FromTimestamp(o);
    if (!strcmp(what, "date stamp")) return PyDate_FromTimestamp(o);
    if (!strcmp(what, "aware"))
        return PyDateTimeAPI->DateTime_FromDateAndTime(a[0], a[1], a[2], a[3], a[4], a[5], a[6], o,
                                                       (PyTypeObject *)p);
    if (!strcmp(what, "aware time"))
        return PyDateTimeAPI->Time_FromTime(a[0], a[1], a[2], a[3], o, PyDateTimeAPI->TimeType);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"api", api, METH_NOARGS, 0}, {"fields", fields, METH_O, 0},
                                {"make", make, METH_VARARGS, 0}, {0}};
/* As extension modules do it: one C static for all interpreters. */
static int exec(PyObject *m)
{
    PyDateTime_IMPORT;
    return PyDateTimeAPI != NULL ? 0 : -1;
}
static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED}, {0}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "usedatetime", 0, 0, methods, slots};
PyMODINIT_FUNC PyInit_usedatetime(void) { return PyModuleDef_Init(&def); }
"""


@unittest.skipUnless(shutil.which("cc") and os.path.exists(os.path.join(TOP, "Include")),
                     "needs a compiler and the headers")
class CApiTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="ladon-datetime-")
        path = os.path.join(cls.folder, "usedatetime.c")
        with open(path, "w", encoding="ascii") as file:
            file.write(CAPI)
        suffix = sysconfig.get_config_var("EXT_SUFFIX")
        subprocess.run(["cc", "-shared", "-fPIC", "-I", BUILD, "-I", os.path.join(TOP, "Include"),
                        "-o", os.path.join(cls.folder, "usedatetime" + suffix), path],
                       check=True, capture_output=True)
        sys.path.insert(0, cls.folder)
        import usedatetime
        cls.module = usedatetime

    @classmethod
    def tearDownClass(cls):
        sys.path.remove(cls.folder)
        shutil.rmtree(cls.folder)

    def make(self, what, *numbers, extra=()):
        return self.module.make(what, numbers + (0,) * (8 - len(numbers)), *extra)

    def test_fields(self):
        class Moment(datetime):
            pass

        fields = self.module.fields
        self.assertEqual(fields(date(2020, 2, 29)), (1, 2020, 2, 29))
        self.assertEqual(fields(timedelta(-1, 2, 3)), (1, -1, 2, 3))
        self.assertEqual(fields(time(1, 2, 3, 456789, fold=1)), (1, 1, 2, 3, 456789, 1, None))
        self.assertEqual(fields(time(1, tzinfo=UTC)), (1, 1, 0, 0, 0, 0, UTC))
        self.assertEqual(fields(datetime(9999, 1, 2, 3, 4, 5, 6, fold=1)),
                         (1, 9999, 1, 2, 3, 4, 5, 6, 1, None))
        self.assertEqual(fields(Moment(1, 1, 2, tzinfo=UTC)), (0, 1, 1, 2, 0, 0, 0, 0, 0, UTC))
        self.assertEqual(fields(UTC), (1, 0))
        self.assertEqual(fields(tzinfo()), (1, 1))
        self.assertEqual(fields(5), (0, 0))

    def test_make(self):
        class Moment(datetime):
            def __new__(cls):
                raise RuntimeError("not called")

        make = self.make
        self.assertEqual(make("date", 2020, 2, 29), date(2020, 2, 29))
        self.assertEqual(make("datetime", 1, 2, 3, 4, 5, 6, 7), datetime(1, 2, 3, 4, 5, 6, 7))
        self.assertEqual(make("datetime fold", 1, 2, 3, 4, 5, 6, 7, 1).fold, 1)
        self.assertEqual(make("time", 1, 2, 3, 4), time(1, 2, 3, 4))
        self.assertEqual(make("time fold", 1, 2, 3, 4, 1).fold, 1)
        self.assertEqual(make("delta", 1, -1, 10**6), timedelta(1))
        self.assertEqual(make("raw delta", 1, 2, 3), timedelta(1, 2, 3))
        self.assertIs(make("zone", extra=(timedelta(0),)), UTC)
        self.assertIs(make("utc"), UTC)
        self.assertEqual(repr(make("named zone", extra=(timedelta(0), "x"))),
                         "datetime.timezone(datetime.timedelta(0), 'x')")
        self.assertEqual(make("stamp", extra=((0, UTC),)), datetime(1970, 1, 1, tzinfo=UTC))
        self.assertEqual(make("date stamp", extra=((86400 * 3,),)), date.fromtimestamp(86400 * 3))
        moment = make("aware", 2020, 1, 2, extra=(UTC, Moment))
        self.assertIs(type(moment), Moment)
        self.assertEqual(moment, datetime(2020, 1, 2, tzinfo=UTC))
        self.assertEqual(make("aware time", 5, extra=(UTC,)), time(5, tzinfo=UTC))

    def test_errors(self):
        make = self.make
        self.assertRaisesRegex(ValueError, "month must be in 1..12", make, "date", 1, 13, 1)
        self.assertRaisesRegex(ValueError, "hour must be", make, "datetime", 1, 1, 1, 24)
        self.assertRaisesRegex(ValueError, "fold must be", make, "time fold", 1, 1, 1, 1, 2)
        self.assertRaisesRegex(OverflowError, "must have magnitude", make, "delta", 10**9)
        self.assertRaisesRegex(ValueError, "strictly between", make, "zone",
                               extra=(timedelta(1),))
        self.assertRaises(TypeError, make, "zone", extra=(5,))
        self.assertRaises(TypeError, make, "named zone", extra=(timedelta(1), 5))
        self.assertRaisesRegex(TypeError, "tzinfo argument must be None or of a tzinfo subclass",
                               make, "aware", 1, 1, 1, extra=(5, datetime))
        self.assertRaises(TypeError, make, "stamp", extra=((),))
        self.assertRaises(TypeError, make, "date stamp", extra=((),))

    def test_other_interpreters(self):
        """The same struct, whoever imports; two at a time, and after the first user's end."""
        code = textwrap.dedent(f"""
            import sys
            sys.path.insert(0, {self.folder!r})
            from datetime import *
            import usedatetime
            assert usedatetime.api() == {self.module.api()}
            assert id(timezone.utc) == {id(UTC)} and id(datetime) == {id(datetime)}
            class OneOfTheirs(datetime):
                pass
            assert datetime.__subclasses__() == [OneOfTheirs]
            for n in range(2000):
                made = usedatetime.make("datetime", (2020, 1, 1 + n % 28, 4, 5, 6, n, 0))
                assert made == datetime(2020, 1, 1 + n % 28, 4, 5, 6, n)
                assert hash(made) != hash(datetime.max) and {{UTC: 1}}[UTC] == 1
                assert OneOfTheirs.fromisoformat(made.isoformat()) == made
            """)

        ladon_support.run_in_interpreters(code, 3)
        self.assertNotIn("OneOfTheirs", [cls.__name__ for cls in datetime.__subclasses__()])


def private_kib():
    """Return the private memory of this process in KiB."""
    with open("/proc/self/smaps_rollup", encoding="ascii") as file:
        for line in file:
            if line.startswith("Private_Dirty:"):
                return int(line.split()[1])
    raise RuntimeError("no Private_Dirty in /proc/self/smaps_rollup")


class InterpreterTests(unittest.TestCase):
    def test_not_at_start(self):
        """A start neither imports the module nor makes its types ready."""
        done = subprocess.run(
            [sys.executable, "-c", "import sys; print([n for n in sys.modules if 'date' in n])\n"
             "sys.stdout.write(str([c for c in object.__subclasses__()"
             " if c.__module__ == 'datetime']))"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stdout, "[]\n[]", done.stderr)

    def test_a_thousand_interpreters(self):
        """They leave no memory behind."""
        import _xxsubinterpreters as interpreters

        def use(count):
            for _ in range(count):
                interp = interpreters.create()
                interpreters.run_string(
                    interp, "from _datetime import *\nclass D(datetime): pass\n"
                    "assert str(D.now(UTC) - D(2020, 1, 1, tzinfo=UTC)) and hash(date.min)\n")
                interpreters.destroy(interp)
            return private_kib()

        use(60)
        before = use(60)
        self.assertLess(use(1000) - before, 1500 + ladon_support.QUARANTINE)

    def test_first_import_without_memory(self):
        """Making the types ready can fail at any allocation; the next import works."""
        if _ladontest is None:
            self.skipTest("needs a build that can fail allocations")
        done = subprocess.run([sys.executable, "-c", textwrap.dedent("""
            import _ladontest, sys
            nth = 0
            while True:
                nth += 1
                sys.modules.pop("_datetime", None)
                _ladontest.fail_allocation(nth)
                try:
                    import _datetime
                except (MemoryError, RuntimeError):     # the latter: no import lock
                    _ladontest.fail_allocation(0)
                else:
                    if not _ladontest.fail_allocation(0):
                        break
            from datetime import *
            assert datetime.min == datetime(1, 1, 1) and timezone.utc is UTC
            assert datetime.resolution == timedelta(0, 0, 1)
            print("tried", nth > 100)
            """)], capture_output=True, text=True, timeout=120)
        self.assertEqual((done.stdout, done.stderr), ("tried True\n", ""))


@ladon_support.needs_failing_allocations
class NoMemoryTests(unittest.TestCase):
    class Zone(tzinfo):
        def utcoffset(self, when):
            return timedelta(hours=when.hour % 2) if when else timedelta(0)

        def dst(self, when):
            return timedelta(0)

        def tzname(self, when):
            return "zone"

    ZONE = Zone()
    ACTIONS = [
        lambda: timedelta(1.5, 2**80, -2**80 * 10**6, minutes=0.1) * 2.5 / 3 // 7,
        lambda: divmod(timedelta(5), timedelta(0, 7)) and str(-timedelta(1, 2, 3)),
        lambda: hash(timedelta(5)) and repr(timedelta(1, 2, 3)) and timedelta(7).total_seconds(),
        lambda: datetime(2020, 1, 1, 5, tzinfo=NoMemoryTests.ZONE).astimezone(UTC).strftime(
            "%Y %z %:z %Z %f"),
        lambda: datetime(2020, 1, 1, 5, tzinfo=NoMemoryTests.ZONE) == datetime(
            2020, 1, 1, 4, tzinfo=UTC),
        lambda: hash(datetime(2020, 1, 1, 5, tzinfo=NoMemoryTests.ZONE, fold=1)),
        lambda: hash(time(5, tzinfo=timezone(timedelta(hours=7), "x"))),
        lambda: datetime.fromisoformat("2020-01-02T03:04:05.678+09:00").timetuple(),
        lambda: NoMemoryTests.ZONE.fromutc(datetime(2020, 1, 1, 1, tzinfo=NoMemoryTests.ZONE)),
        lambda: datetime.now().astimezone().isoformat(),
        lambda: datetime.fromtimestamp(1e9, NoMemoryTests.ZONE).__reduce_ex__(4),
        lambda: datetime("\x07\xe4\x01\x02\x03\x04\x05\x06\x07\x08", UTC).replace(year=7).ctime(),
        lambda: repr([date.today().isocalendar(), time(1, 2, 3, tzinfo=timezone.max)]),
        lambda: datetime.combine(date(2020, 1, 1), time(1, tzinfo=UTC)).utctimetuple(),
        lambda: NoMemoryTests.ZONE.__reduce__() and timezone(timedelta(1, -5), "x").__reduce__(),
    ]

    def test_actions(self):
        """Each allocation of each action fails once: MemoryError, and nothing is left behind."""
        for number, action in enumerate(self.ACTIONS):
            with self.subTest(action=number):
                self.check(action)

    def check(self, action):
        lost, number = ladon_support.lost_blocks(action)
        self.assertGreater(number, 1)
        self.assertLess(lost, 20)


class DeprecationTests(unittest.TestCase):
    def test_utc_without_zone(self):
        for call in datetime.utcnow, lambda: datetime.utcfromtimestamp(0):
            with self.assertWarnsRegex(DeprecationWarning, "scheduled for removal in a future"):
                call()
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                self.assertRaises(DeprecationWarning, call)


if __name__ == "__main__":
    unittest.main()
